import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonLines, runCli, startCli, temporaryDatabase, temporaryDirectory } from './run-cli.ts';

const COMMANDS = [
  'put',
  'get',
  'delete',
  'scan',
  'load',
  'import',
  'stats',
  'verify',
  'compact',
  'checkpoint',
  'backup',
  'restore',
  'repair',
  'destroy',
  'demo',
];

test('help names every subcommand and every exit code', async () => {
  const { code, stdout, stderr } = await runCli(['--help']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command}\\b`, 'm'));
  for (const exitCode of [0, 1, 2, 3, 130]) assert.match(stdout, new RegExp(`^  ${exitCode} +\\w`, 'm'));
});

test('every subcommand has help of its own', async () => {
  const results = await Promise.all(COMMANDS.map((command) => runCli([command, '--help'])));
  results.forEach(({ code, stdout }, index) => {
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Usage: mini-lsm ${COMMANDS[index]}\\b`));
  });
});

test('the version is the one of the package', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  assert.equal((await runCli(['--version'])).stdout, `${manifest.version}\n`);
});

for (const [what, args] of [
  ['no subcommand', []],
  ['an unknown subcommand', ['putt']],
  ['an unknown option', ['scan', 'db', '--what']],
  ['a missing argument', ['get', 'db']],
  ['one argument too many', ['get', 'db', 'a', 'b']],
  ['two encodings at once', ['get', 'db', 'a', '--hex', '--base64']],
  ['two lower bounds', ['scan', 'db', '--gt', 'a', '--gte', 'a']],
  ['a prefix and a bound', ['scan', 'db', '--prefix', 'a', '--lt', 'b']],
  ['a limit that is no number', ['scan', 'db', '--limit', 'x']],
  ['a key that is not hex', ['get', 'db', 'xyz', '--hex']],
  ['load without --key', ['load', 'db', 'a.csv']],
  ['load from a pipe without a format', ['load', 'db', '--key', 'a']],
  ['load of a file that is not there', ['load', 'db', 'nowhere.csv', '--key', 'a']],
  ['import without a target', ['import', 'leveldb']],
  ['destroy without --yes', ['destroy', 'db']],
  ['repair without --yes', ['repair', 'db']],
] as const) {
  test(`${what} is wrong usage: exit code 2 and a message on standard error`, async () => {
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    if (args.length > 0) assert.match(stderr, /^mini-lsm: .+\n$/);
    else assert.match(stderr, /^Usage: mini-lsm/);
  });
}

test('commands that need a database neither find nor make one where there is none', async (context) => {
  const db = temporaryDatabase(context);
  for (const args of [
    ['get', db, 'k'],
    ['delete', db, 'k'],
    ['scan', db],
    ['stats', db],
    ['verify', db],
    ['compact', db],
    ['checkpoint', db, `${db}-copy`],
    ['backup', db, `${db}-copy`],
    ['restore', db, `${db}-copy`],
    ['repair', db, '--yes'],
  ]) {
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 3, args[0]);
    assert.equal(stdout, '');
    assert.match(stderr, /^mini-lsm: .+ \(LSM_NOT_FOUND\)\n$/);
    assert.equal(existsSync(db), false);
  }
});

test('the stack of an error shows only with --debug', async (context) => {
  const db = temporaryDatabase(context);
  assert.doesNotMatch((await runCli(['get', db, 'k'])).stderr, /^ +at /m);
  assert.match((await runCli(['get', db, 'k', '--debug'])).stderr, /^ +at /m);
});

test('a value that was put is got, replaced and deleted', async (context) => {
  const db = temporaryDatabase(context);
  assert.deepEqual(await outcome(['put', db, 'key', 'one']), [0, '']);
  assert.deepEqual(await outcome(['get', db, 'key']), [0, 'one\n']);
  assert.deepEqual(await outcome(['put', db, 'key', 'zwölf', '--sync']), [0, '']);
  assert.deepEqual(await outcome(['get', db, 'key']), [0, 'zwölf\n']);
  assert.deepEqual(await outcome(['delete', db, 'key']), [0, '']);
  assert.deepEqual(await outcome(['get', db, 'key']), [1, '']);
  assert.deepEqual(await outcome(['delete', db, 'key', '--sync']), [0, '']);
});

test('a missing key says so in one line', async (context) => {
  const db = temporaryDatabase(context);
  await runCli(['put', db, 'a', '1']);
  const { code, stdout, stderr } = await runCli(['get', db, 'b']);
  assert.deepEqual([code, stdout, stderr], [1, '', 'mini-lsm: no such key\n']);
});

test('standard input becomes the value byte by byte, and --raw gives it back', async (context) => {
  const db = temporaryDatabase(context);
  const value = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) & 0xff));
  assert.equal((await runCli(['put', db, 'blob', '-'], value)).code, 0);
  assert.deepEqual((await runCli(['get', db, 'blob', '--raw'])).stdoutBytes, value);
  assert.equal((await runCli(['put', db, 'empty'], '')).code, 0);
  assert.equal((await runCli(['get', db, 'empty', '--raw'])).stdout, '');
});

test('binary keys and values go in and come out as hex and as base64', async (context) => {
  const db = temporaryDatabase(context);
  assert.deepEqual(await outcome(['put', db, '00ff', 'FE01', '--hex']), [0, '']);
  assert.deepEqual(await outcome(['get', db, '00FF', '--hex']), [0, 'fe01\n']);
  assert.deepEqual(await outcome(['get', db, 'AP8=', '--base64']), [0, '/gE=\n']);
  assert.deepEqual(await outcome(['scan', db, '--hex']), [0, '00ff\tfe01\n']);
  assert.deepEqual(await outcome(['scan', db]), [0, '\\x00\\xff\t\\xfe\\x01\n']);
  const { stdout } = await runCli(['scan', db, '--json']);
  assert.deepEqual(jsonLines(stdout), [{ key: { base64: 'AP8=' }, value: { base64: '/gE=' } }]);
  const got = await runCli(['get', db, '00ff', '--hex', '--json']);
  assert.deepEqual(jsonLines(got.stdout), [{ key: '00ff', value: 'fe01' }]);
});

test('a key that starts with a dash is given after --', async (context) => {
  const db = temporaryDatabase(context);
  assert.equal((await runCli(['put', db, '--', '--key', '-v'])).code, 0);
  assert.deepEqual(await outcome(['get', db, '--', '--key']), [0, '-v\n']);
});

test('scan takes every bound, a prefix, a direction and a limit', async (context) => {
  const db = temporaryDatabase(context);
  const lines = ['a', 'b', 'ba', 'bb', 'c'].map((key) => JSON.stringify({ key, v: key.toUpperCase() }));
  await runCli(['load', db, '--format', 'jsonl', '--key', 'key', '--value', 'v'], lines.join('\n'));
  const keys = async (...options: string[]): Promise<string> =>
    (await runCli(['scan', db, '--keys-only', ...options])).stdout.trim().replaceAll('\n', ' ');
  assert.equal(await keys(), 'a b ba bb c');
  assert.equal(await keys('--gt', 'b', '--lt', 'c'), 'ba bb');
  assert.equal(await keys('--gte', 'b', '--lte', 'c'), 'b ba bb c');
  assert.equal(await keys('--prefix', 'b'), 'b ba bb');
  assert.equal(await keys('--reverse', '--limit', '2'), 'c bb');
  assert.equal(await keys('--prefix', 'b', '--reverse'), 'bb ba b');
  assert.equal(await keys('--limit', '0'), '');
  assert.equal((await runCli(['scan', db, '--prefix', 'c'])).stdout, 'c\tC\n');
  assert.deepEqual(jsonLines((await runCli(['scan', db, '--gt', 'bb', '--json'])).stdout), [
    { key: 'c', value: 'C' },
  ]);
  assert.deepEqual(jsonLines((await runCli(['scan', db, '--gt', 'bb', '--json', '--keys-only'])).stdout), [
    { key: 'c' },
  ]);
});

test('a reader that goes away ends scan quietly', async (context) => {
  const db = temporaryDatabase(context);
  const lines = Array.from({ length: 20_000 }, (_, key) => JSON.stringify({ key, text: 'x'.repeat(100) }));
  await runCli(['load', db, '--format', 'jsonl', '--key', 'key'], lines.join('\n'));
  const { process: scan, finished } = startCli(['scan', db]);
  scan.stdout.once('data', () => scan.stdout.destroy());
  const { code, signal, stderr } = await finished;
  assert.deepEqual([code, signal, stderr], [0, null, '']);
});

test('stats shows the levels as a table and everything as JSON', async (context) => {
  const db = await smallDatabase(context);
  const table = await runCli(['stats', db]);
  assert.equal(table.code, 0);
  assert.match(table.stdout, /Level.*Files.*Size/);
  assert.match(table.stdout, /KiB/);
  const json = await runCli(['stats', db, '--json']);
  assert.equal(json.code, 0);
  const [stats] = jsonLines(json.stdout) as [{ levels: { entries: number }[]; files: number }];
  assert.equal(
    stats.levels.reduce((sum, level) => sum + level.entries, 0),
    1000,
  );
});

test('verify finds a sound database sound', async (context) => {
  const db = await smallDatabase(context);
  const { code, stdout } = await runCli(['verify', db]);
  assert.equal(code, 0);
  assert.match(stdout, /\.sst/);
  assert.match(stdout, /no damage/);
  const [report] = jsonLines((await runCli(['verify', db, '--json'])).stdout) as [
    { ok: boolean; problems: unknown[] },
  ];
  assert.equal(report.ok, true);
  assert.deepEqual(report.problems, []);
});

test('verify names the file in which a byte was flipped and exits with 1', async (context) => {
  const db = await smallDatabase(context);
  const name = flipByteInTable(db);
  const human = await runCli(['verify', db]);
  assert.equal(human.code, 1);
  assert.match(human.stdout, new RegExp(`damaged +.*${name} is damaged at offset \\d+: `));
  assert.match(human.stdout, /level \d+, [\d,]+ entries, \d+ of them unreadable\n +what to do: .*repair/);
  assert.doesNotMatch(human.stdout, /keys/);
  assert.match((await runCli(['verify', db, '--keys'])).stdout, /keys 0 to 999\n/);
  const json = await runCli(['verify', db, '--json']);
  assert.equal(json.code, 1);
  const [report] = jsonLines(json.stdout) as [{ ok: boolean; problems: { file: string; message: string }[] }];
  assert.equal(report.ok, false);
  assert.match(report.problems[0].file, new RegExp(name));
});

test('compact reclaims what was deleted', async (context) => {
  const db = await smallDatabase(context);
  await runCli(['delete', db, '7']);
  const { code, stdout } = await runCli(['compact', db, '--json']);
  assert.equal(code, 0);
  const [result] = jsonLines(stdout) as [{ before: { bytes: number }; after: { bytes: number } }];
  assert.ok(result.after.bytes < result.before.bytes);
  assert.match((await runCli(['compact', db, '--gte', '1', '--lt', '5'])).stdout, /files?, .+ -> .+ in /);
  assert.equal((await runCli(['scan', db, '--keys-only'])).stdout.split('\n').length - 1, 999);
});

test('checkpoint makes a database that holds the same', async (context) => {
  const db = await smallDatabase(context);
  await runCli(['put', db, 'new', 'not in a table yet']);
  const { code, stdout } = await runCli(['checkpoint', db, `${db}-copy`]);
  assert.equal(code, 0);
  assert.match(stdout, /db-copy: \d+ tables, .+, linked, in /);
  assert.equal((await runCli(['scan', `${db}-copy`])).stdout, (await runCli(['scan', db])).stdout);
  assert.equal((await runCli(['verify', `${db}-copy`])).code, 0);
  const again = await runCli(['checkpoint', db, `${db}-copy`]);
  assert.deepEqual([again.code, again.stdout], [3, '']);
  assert.match(again.stderr, /not empty.*\(LSM_EXISTS\)\n$/);
  const json = await runCli(['checkpoint', db, `${db}-other`, '--json']);
  const [report] = jsonLines(json.stdout) as [{ directory: string; tables: number; bytesCopied: number }];
  assert.equal(report.directory, `${db}-other`);
  assert.ok(report.tables > 0);
  assert.equal(report.bytesCopied, 0);
});

test('backup and restore give back what was there, and refuse what is damaged', async (context) => {
  const db = await smallDatabase(context);
  const backup = `${db}-backup`;
  await runCli(['put', db, 'new', 'not in a table yet']);
  const made = await runCli(['backup', db, backup, '--strict', '--progress']);
  assert.deepEqual([made.code, made.stdout.split('\n').length], [0, 2]);
  assert.match(made.stdout, /db-backup: \d+ tables, .+ entries, .+, copied and checked in /);
  assert.match(made.stderr, /backup/);
  const again = await runCli(['backup', db, backup]);
  assert.equal(again.code, 3);
  assert.match(again.stderr, /exists already.*\(LSM_EXISTS\)\n$/);

  const json = await runCli(['restore', backup, `${db}-new`, '--json']);
  const [report] = jsonLines(json.stdout) as [{ directory: string; entries: number; seconds: number }];
  assert.equal(report.directory, `${db}-new`);
  assert.ok(report.entries >= 1001 && report.seconds > 0);
  assert.equal((await runCli(['scan', `${db}-new`])).stdout, (await runCli(['scan', db])).stdout);

  flipByteInTable(backup);
  const { code, stderr } = await runCli(['restore', backup, `${db}-other`]);
  assert.equal(code, 3);
  assert.match(stderr, /db-backup\/\d+\.sst is damaged at offset \d+.*\(LSM_CORRUPTION\)\n$/);
  assert.equal(existsSync(`${db}-other`), false);
});

test('repair opens what was damaged, and says what it set aside', async (context) => {
  const db = await smallDatabase(context);
  const before = (await runCli(['scan', db])).stdout;
  const whole = await runCli(['repair', db, '--yes']);
  assert.equal(whole.code, 0);
  assert.match(
    whole.stdout,
    /^nothing was damaged: \d+ tables? kept, 0 rewritten, .*, 1,000 entries, in .*\n$/,
  );
  const current = join(db, 'CURRENT');
  writeFileSync(current, 'nonsense');
  assert.equal((await runCli(['scan', db])).code, 3);
  const { code, stdout, stderr } = await runCli(['repair', db, '--yes', '--progress']);
  assert.equal(code, 0);
  assert.match(stdout, /^damaged .*CURRENT is damaged at offset 8: .*\(LSM_CORRUPTION\)$/m);
  assert.match(stdout, /^set aside .*lost\/CURRENT$/m);
  assert.match(stdout, /^1 problem, repaired: /m);
  assert.match(stderr, /repair/);
  assert.equal((await runCli(['scan', db])).stdout, before);
  const [report] = jsonLines((await runCli(['repair', db, '--yes', '--json'])).stdout) as [{ problems: [] }];
  assert.deepEqual(report.problems, []);
});

test('destroy removes the database only with --yes', async (context) => {
  const db = await smallDatabase(context);
  assert.equal((await runCli(['destroy', db])).code, 2);
  assert.equal((await runCli(['get', db, '1'])).code, 0);
  assert.deepEqual(await outcome(['destroy', db, '--yes']), [0, '']);
  assert.equal(existsSync(db), false);
});

test('a directory that holds something else is not taken for a database', async (context) => {
  const directory = temporaryDirectory(context);
  mkdirSync(join(directory, 'other'));
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  assert.equal((await runCli(['scan', directory])).code, 3);
  assert.deepEqual(readdirSync(directory).sort(), ['notes.txt', 'other']);
});

async function outcome(args: string[]): Promise<[number | null, string]> {
  const { code, stdout } = await runCli(args);
  return [code, stdout];
}

/** A thousand records, in tables. */
/** Damages the first table of a database, and tells which one that is. */
function flipByteInTable(db: string): string {
  const name = readdirSync(db).find((file) => file.endsWith('.sst'));
  assert.ok(name !== undefined);
  const bytes = readFileSync(join(db, name));
  bytes[100] ^= 1;
  writeFileSync(join(db, name), bytes);
  return name;
}

async function smallDatabase(context: import('node:test').TestContext): Promise<string> {
  const db = temporaryDatabase(context);
  const lines = Array.from({ length: 1000 }, (_, key) => JSON.stringify({ key, text: `text ${key}` }));
  assert.equal((await runCli(['load', db, '--format', 'jsonl', '--key', 'key'], lines.join('\n'))).code, 0);
  assert.equal((await runCli(['compact', db])).code, 0);
  return db;
}
