/**
 * Checks the package as a user gets it: packs it, installs the tarball in an empty project, and uses it by
 * `import`, by `require` and by its command. Prints what it did; exits non-zero on the first thing wrong.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = mkdtempSync(join(tmpdir(), 'mini-lsm-package-'));
const run = (command, args, cwd = project) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const [{ filename, files, size }] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', project], process.cwd()),
  );
  const strangers = files
    .map(({ path }) => path)
    .filter((path) => /(^|\/)(test|bench|scripts|\.ci)\//.test(path));
  if (strangers.length > 0) throw new Error(`the package holds ${strangers.join(', ')}`);
  console.log(`packed ${files.length} files, ${Math.round(size / 1024)} KiB`);

  writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true }');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', `./${filename}`]);
  const use = `
    const db = MiniLsm.open('data'); db.put('k', 'v');
    if (Buffer.from(db.get('k')).toString() !== 'v') throw new Error('wrong value');
    db.flush(); db.close(); MiniLsm.destroy('data');`;
  writeFileSync(join(project, 'use.mjs'), `import { MiniLsm } from 'mini-lsm';${use}`);
  writeFileSync(join(project, 'use.cjs'), `const { MiniLsm } = require('mini-lsm');${use}`);
  for (const file of ['use.mjs', 'use.cjs']) {
    run(process.execPath, [file]);
    console.log(`${file} works`);
  }
  const version = run('npx', ['--no-install', 'mini-lsm', '--version']).trim();
  console.log(`the command mini-lsm ${version} works`);
} finally {
  rmSync(project, { recursive: true, force: true });
}
