/**
 * Runs the compiled tests: every test/**\/*.test.ts, or those whose path contains one of the arguments.
 * Node 20's runner takes no globs and would run the helper scripts beside the tests too, so the files are
 * named here.
 *
 *   node scripts/run-tests.mjs            all, measuring how much of the parts that hold data is tested
 *   node scripts/run-tests.mjs sstable    those with "sstable" in their path
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
const watch = ['--import', './dist/test/support/watch-order.js'];
const runner = [
  '--enable-source-maps',
  ...watch,
  '--test',
  '--test-concurrency=2',
  `--test-reporter=${reporter}`,
];
process.exit(wanted.length > 0 ? run([...runner, ...files]) : runAndMeasure());

/** Runs Node.js; returns its exit code. */
function run(parameters, variables = {}) {
  const env = { ...process.env, ...variables };
  return spawnSync(process.execPath, parameters, { stdio: 'inherit', env }).status ?? 1;
}

/** All tests, and the branches that they took: see test/support/branch-coverage/. */
function runAndMeasure() {
  const folder = mkdtempSync(join(tmpdir(), 'mini-lsm-coverage-'));
  try {
    const measure = ['--import', './dist/test/support/branch-coverage/measure.js'];
    const tests = run([...measure, ...runner, ...files], { MINI_LSM_COVERAGE: folder });
    return tests || run(['dist/test/support/branch-coverage/report.js', folder]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
