/**
 * Runs the compiled tests: every test/**\/*.test.ts, or those whose path contains one of the arguments.
 * Node 20's runner takes no globs and would run the helper scripts beside the tests too, so the files are
 * named here.
 *
 *   node scripts/run-tests.mjs            all
 *   node scripts/run-tests.mjs sstable    those with "sstable" in their path
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const wanted = process.argv.slice(2);
const files = readdirSync('test', { recursive: true })
  .map((name) => `test/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort()
  .map((name) => `dist/${name.replace(/\.ts$/, '.js')}`);

if (files.length === 0) {
  console.error(`no test has ${wanted.join(' or ')} in its path`);
  process.exit(2);
}
const reporter = process.stdout.isTTY ? 'spec' : 'tap';
const run = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=2', `--test-reporter=${reporter}`, ...files],
  { stdio: 'inherit' },
);
process.exit(run.status ?? 1);
