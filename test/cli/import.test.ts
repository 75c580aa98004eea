import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { jsonLines, runCli, startCli, temporaryDirectory } from './run-cli.ts';

/** A LevelDB database of so many records, of which every tenth was overwritten and one deleted. */
async function levelDb(path: string, records: number): Promise<string> {
  const db = new ClassicLevel(path);
  await db.open();
  const key = (i: number): string => `key ${String(i).padStart(7, '0')}`;
  for (let from = 0; from < records; from += 1000) {
    const batch = db.batch();
    for (let i = from; i < Math.min(records, from + 1000); i++) batch.put(key(i), `value ${i}`.repeat(5));
    await batch.write();
  }
  await db.compactRange('a', 'z');
  for (let i = 0; i < records; i += 10) await db.put(key(i), `new ${i}`);
  await db.del(key(1));
  await db.close();
  return path;
}

function only(directory: string, pattern: RegExp): string {
  const [name] = readdirSync(directory).filter((one) => pattern.test(one));
  return join(directory, name);
}

test('import brings every record of a LevelDB database over', async (t) => {
  const directory = temporaryDirectory(t);
  const source = await levelDb(join(directory, 'leveldb'), 2000);
  const target = join(directory, 'db');
  const { code, stdout, stderr } = await runCli(['import', source, target]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(
    stdout,
    /^1,999 records from .+ in 2 files, in .+ records\/s; 201 old values and 1 deletion left behind\n$/,
  );
  const records = jsonLines((await runCli(['scan', target, '--json'])).stdout) as {
    key: string;
    value: string;
  }[];
  assert.equal(records.length, 1999);
  assert.deepEqual(records[0], { key: 'key 0000000', value: 'new 0' });
  assert.deepEqual(records[1], { key: 'key 0000002', value: 'value 2'.repeat(5) });
  assert.equal((await runCli(['verify', target])).code, 0);
});

test('import prints its report as JSON, and its progress if it is asked for', async (t) => {
  const directory = temporaryDirectory(t);
  const source = await levelDb(join(directory, 'leveldb'), 2000);
  const { code, stdout, stderr } = await runCli([
    'import',
    source,
    join(directory, 'db'),
    '--json',
    '--progress',
  ]);
  assert.equal(code, 0);
  const [{ seconds, bytesRead, ...rest }] = jsonLines(stdout) as [Record<string, unknown>];
  assert.equal(typeof seconds, 'number');
  assert.equal(typeof bytesRead, 'number');
  assert.deepEqual(rest, {
    entries: 1999,
    deletions: 1,
    superseded: 201,
    filesRead: 2,
    discardedBytes: 0,
    skipped: [],
    skippedParts: 0,
    skippedBytes: 0,
  });
  assert.match(stderr, /^import .*100%.*1,999 records/m);
});

test('import of a damaged database fails with the place, and with --salvage leaves that place out', async (t) => {
  const directory = temporaryDirectory(t);
  const source = await levelDb(join(directory, 'leveldb'), 2000);
  const target = join(directory, 'db');
  const table = only(source, /\.ldb$/);
  const bytes = readFileSync(table);
  bytes[100] ^= 1;
  writeFileSync(table, bytes);
  const failed = await runCli(['import', source, target]);
  assert.equal(failed.code, 3);
  assert.equal(failed.stdout, '');
  assert.ok(failed.stderr.startsWith(`mini-lsm: ${table} is damaged at offset 0: `), failed.stderr);
  assert.match(failed.stderr, /import with salvage to leave it out \(LSM_CORRUPTION\)\n$/);
  assert.deepEqual(readdirSync(directory), ['leveldb']);

  const salvaged = await runCli(['import', source, target, '--salvage']);
  assert.equal(salvaged.code, 0);
  assert.ok(salvaged.stderr.startsWith(`skipped: ${table} is damaged at offset 0: `));
  assert.match(salvaged.stderr, /1 damaged part, .+, skipped in all\n$/);
  assert.match(salvaged.stdout, /^1,[89]\d\d records /);
});

test('import tells of a log that a dying process left unfinished', async (t) => {
  const directory = temporaryDirectory(t);
  const source = await levelDb(join(directory, 'leveldb'), 100);
  const log = only(source, /\.log$/);
  const bytes = readFileSync(log);
  writeFileSync(log, bytes.subarray(0, bytes.length - 5));
  const { code, stdout, stderr } = await runCli(['import', source, join(directory, 'db')]);
  assert.equal(code, 0);
  assert.match(stdout, /^100 records /);
  assert.match(stderr, /^\d+ B at the end of the log or manifest were being written/);
});

test('import refuses what is no LevelDB database, and a target that is there', async (t) => {
  const directory = temporaryDirectory(t);
  const source = await levelDb(join(directory, 'leveldb'), 10);
  const target = join(directory, 'db');
  const missing = await runCli(['import', join(directory, 'nowhere'), target]);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /does not exist; check the path \(LSM_NOT_FOUND\)\n$/);
  mkdirSync(target);
  writeFileSync(join(target, 'notes.txt'), 'mine');
  const existing = await runCli(['import', source, target]);
  assert.equal(existing.code, 3);
  assert.match(existing.stderr, /exists already.* \(LSM_EXISTS\)\n$/);
  assert.deepEqual(readdirSync(target), ['notes.txt']);
});

test('every other command says of a LevelDB database how to bring it over', async (t) => {
  const directory = temporaryDirectory(t);
  const source = await levelDb(join(directory, 'leveldb'), 10);
  const before = readdirSync(source);
  for (const args of [['scan'], ['get', 'key'], ['put', 'key', 'value'], ['verify'], ['destroy', '--yes']]) {
    const [command, ...rest] = args;
    const { code, stderr } = await runCli([command, source, ...rest]);
    assert.equal(code, 3);
    assert.ok(stderr.includes(`mini-lsm import ${source} <new directory>`), stderr);
  }
  assert.deepEqual(readdirSync(source), before);
});

test('Ctrl-C ends an import with 130 and leaves nothing of it behind', async (t) => {
  const directory = temporaryDirectory(t);
  const source = await levelDb(join(directory, 'leveldb'), 200_000);
  const { process: child, finished } = startCli(['import', source, join(directory, 'db'), '--progress']);
  await new Promise<void>((resolve, reject) => {
    child.stderr.once('data', () => resolve());
    child.once('close', () => reject(new Error('it ended too early')));
  });
  child.kill('SIGINT');
  const { code, signal, stderr } = await finished;
  assert.deepEqual([code, signal], [130, null]);
  assert.match(stderr, /interrupted; nothing was imported\n$/);
  assert.deepEqual(readdirSync(directory), ['leveldb']);
});

test('an import that was killed leaves no target, and the next one begins anew', async (t) => {
  const directory = temporaryDirectory(t);
  const source = await levelDb(join(directory, 'leveldb'), 100_000);
  const target = join(directory, 'db');
  const { process: child, finished } = startCli(['import', source, target, '--progress']);
  await new Promise<void>((resolve, reject) => {
    child.stderr.once('data', () => resolve());
    child.once('close', () => reject(new Error('it ended too early')));
  });
  child.kill('SIGKILL');
  assert.equal((await finished).signal, 'SIGKILL');
  assert.deepEqual(readdirSync(directory).sort(), ['db.importing', 'leveldb']);
  const { code, stdout } = await runCli(['import', source, target]);
  assert.equal(code, 0);
  assert.match(stdout, /^99,999 records /);
  assert.deepEqual(readdirSync(directory).sort(), ['db', 'leveldb']);
});
