/**
 * Installs what the benchmark measures beside mini-lsm, on its first run and when the list has changed. Without a
 * network, or where a package can't be built, the benchmark goes on with what is there and says what is missing.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (name) => new URL(name, import.meta.url);
const changed = (name) => statSync(at(name), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes this file when it has installed everything.
if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  process.stderr.write('installing the packages of the benchmark\n');
  const prefix = fileURLToPath(at('.'));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const parameters = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund'];
  const { status } = spawnSync(npm, parameters, {
    stdio: ['ignore', 2, 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.stderr.write('npm could not install them; going on with what is there\n');
}
