import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonLines, runCli, startCli, temporaryDatabase, temporaryDirectory } from './run-cli.ts';

async function contents(db: string): Promise<unknown[]> {
  return jsonLines((await runCli(['scan', db, '--json'])).stdout);
}

test('CSV with quoted fields over several lines is loaded with all its characters', async (context) => {
  const directory = temporaryDirectory(context);
  const file = join(directory, 'people.csv');
  writeFileSync(file, 'id,name,note\n1,"Ada, Countess","said\n""hello"""\n2,Bob,\n');
  const db = join(directory, 'db');
  const { code, stdout } = await runCli(['load', db, file, '--key', 'id']);
  assert.equal(code, 0);
  assert.match(stdout, /^2 records from \d+ B in .+ records\/s\n$/);
  assert.deepEqual(await contents(db), [
    { key: '1', value: '{"id":"1","name":"Ada, Countess","note":"said\\n\\"hello\\""}' },
    { key: '2', value: '{"id":"2","name":"Bob","note":""}' },
  ]);
});

test('TSV is loaded under a key of several columns, with one column as the value', async (context) => {
  const db = temporaryDatabase(context);
  const args = [
    'load',
    db,
    '-',
    '--format',
    'tsv',
    '--key',
    'country,name',
    '--separator',
    ':',
    '--value',
    'size',
  ];
  assert.equal((await runCli(args, 'name\tcountry\tsize\nLyon\tFR\t5\nBern\tCH\t1\n')).code, 0);
  assert.deepEqual(await contents(db), [
    { key: 'CH:Bern', value: '1' },
    { key: 'FR:Lyon', value: '5' },
  ]);
});

test('JSON lines and a JSON array of the same records make the same database', async (context) => {
  const directory = temporaryDirectory(context);
  const records = Array.from({ length: 2500 }, (_, id) => ({ id, deep: { list: [id, null, 'é'] } }));
  const lines = join(directory, 'records.ndjson');
  const array = join(directory, 'records.json');
  writeFileSync(lines, records.map((record) => JSON.stringify(record)).join('\n'));
  writeFileSync(array, JSON.stringify(records, null, 2));
  const [first, second] = [join(directory, 'first'), join(directory, 'second')];
  assert.equal((await runCli(['load', first, lines, '--key', 'id', '--batch', '100'])).code, 0);
  assert.equal((await runCli(['load', second, array, '--key', 'id', '--sync'])).code, 0);
  const found = await contents(first);
  assert.equal(found.length, 2500);
  assert.deepEqual(found, await contents(second));
});

test('the summary is there as JSON', async (context) => {
  const db = temporaryDatabase(context);
  const { stdout } = await runCli(
    ['load', db, '--format', 'jsonl', '--key', 'a', '--json'],
    '{"a":1}\n{"a":2}\n',
  );
  const [{ seconds, recordsPerSecond, ...rest }] = jsonLines(stdout) as [Record<string, unknown>];
  assert.deepEqual(rest, { records: 2, skipped: 0, bytes: 16, end: 'complete' });
  assert.equal(typeof seconds, 'number');
  assert.equal(typeof recordsPerSecond, 'number');
});

for (const [what, format, input, line, problem] of [
  ['a line that is no JSON', 'jsonl', '{"id":1}\n{"id":2}\n{"id"\n{"id":4}\n', 3, 'not valid JSON'],
  [
    'a record without the key column',
    'jsonl',
    '{"id":1}\n{"id":2}\n{"ID":3}\n{"id":4}\n',
    3,
    'no column "id"',
  ],
  ['a CSV record with a field too few', 'csv', 'id,x\n1,a\n2,b\n3\n4,d\n', 4, 'Invalid Record Length'],
  [
    'a JSON element that is no object',
    'json',
    '[{"id":1},\n{"id":2},\n3,\n{"id":4}]',
    3,
    'not a JSON object',
  ],
] as const) {
  test(`${what} ends the load, named by its line, with the records before it stored`, async (context) => {
    const db = temporaryDatabase(context);
    const args = ['load', db, '--format', format, '--key', 'id'];
    const { code, stderr } = await runCli(args, input);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`^mini-lsm: standard input, line ${line}: .*${problem}.*\n$`));
    assert.match(stderr, /2 records are in the database/);
    assert.deepEqual(
      (await contents(db)).map((record) => (record as { key: string }).key),
      ['1', '2'],
    );
  });

  test(`${what} is counted and passed over with --skip-bad`, async (context) => {
    const db = temporaryDatabase(context);
    const args = ['load', db, '--format', format, '--key', 'id', '--skip-bad', '--json'];
    const { code, stdout, stderr } = await runCli(args, input);
    assert.equal(code, 0);
    assert.match(stderr, new RegExp(`first record skipped: line ${line}: .*${problem}`));
    const [summary] = jsonLines(stdout) as [{ records: number; skipped: number }];
    assert.deepEqual([summary.records, summary.skipped], [3, 1]);
    assert.deepEqual(
      (await contents(db)).map((record) => (record as { key: string }).key),
      ['1', '2', '4'],
    );
  });
}

test('progress is shown off a terminal only if it is asked for', async (context) => {
  const db = temporaryDatabase(context);
  const args = ['load', db, '--format', 'jsonl', '--key', 'a'];
  assert.equal((await runCli(args, '{"a":1}\n')).stderr, '');
  assert.match((await runCli([...args, '--progress'], '{"a":1}\n')).stderr, /1 record\b/);
});

test('Ctrl-C in a load from a pipe stores what was read, says how much, and exits with 130', async (context) => {
  const db = temporaryDatabase(context);
  const args = ['load', db, '--format', 'jsonl', '--key', 'id', '--batch', '1000', '--progress'];
  const { process: load, finished } = startCli(args);
  const lines = Array.from({ length: 2500 }, (_, id) => `{"id":${id}}\n`);
  load.stdin.write(lines.join(''));
  // The pipe stays open: the load waits for more when the signal comes.
  await printed(load.stderr, '2,000 records');
  load.kill('SIGINT');
  const { code, signal, stderr } = await finished;
  assert.deepEqual([code, signal], [130, null]);
  const told = /interrupted; ([\d,]+) records are in the database\n$/.exec(stderr);
  assert.ok(told !== null, stderr);
  const stored = Number(told[1].replaceAll(',', ''));
  assert.ok(stored >= 2000);
  const keys = (await contents(db)).map((record) => Number((record as { key: string }).key));
  assert.deepEqual(
    keys.sort((a, b) => a - b),
    Array.from({ length: stored }, (_, id) => id),
  );
});

test('a database that is open elsewhere refuses with its code', async (context) => {
  const db = temporaryDatabase(context);
  const { process: load, finished } = startCli([
    'load',
    db,
    '--format',
    'jsonl',
    '--key',
    'id',
    '--batch',
    '1',
    '--progress',
  ]);
  load.stdin.write('{"id":1}\n');
  await printed(load.stderr, '1 record');
  const { code, stderr } = await runCli(['get', db, '1']);
  assert.equal(code, 3);
  assert.match(stderr, /^mini-lsm: .+ \(LSM_LOCKED\)\n$/);
  load.stdin.end();
  assert.equal((await finished).code, 0);
});

test('a directory is no input', async (context) => {
  const directory = temporaryDirectory(context);
  const { code, stderr } = await runCli([
    'load',
    join(directory, 'db'),
    directory,
    '--format',
    'csv',
    '--key',
    'a',
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /is a directory\n$/);
});

test('a load that was killed leaves whole batches only', async (context) => {
  const db = temporaryDatabase(context);
  const args = ['load', db, '--format', 'jsonl', '--key', 'id', '--batch', '700', '--progress'];
  const { process: load, finished } = startCli(args);
  load.stdin.write(Array.from({ length: 2500 }, (_, id) => `{"id":${id}}\n`).join(''));
  await printed(load.stderr, '2,100 records');
  load.kill('SIGKILL');
  assert.equal((await finished).signal, 'SIGKILL');
  assert.equal((await contents(db)).length, 2100);
});

/** Waits until the stream has printed the text. */
function printed(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(text)) resolve();
    });
    stream.on('close', () => reject(new Error(`${text} was not printed; only ${seen}`)));
  });
}
