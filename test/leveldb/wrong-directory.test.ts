/** A directory that is not what the caller takes it for, in both directions. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import type { LsmErrorCode } from '../../src/errors.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { importLevelDB } from '../../src/leveldb/import-leveldb.ts';
import { expectError } from '../support/expect-error.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { text } from './builders.ts';
import { contentsOf, rejection, withClassic } from './import-support.ts';

failOnLeaks();

async function levelDb(path: string): Promise<string> {
  await withClassic(path, async (db) => {
    await db.put(text('a'), text('1'));
    await db.compactRange(text('a'), text('b'));
    await db.put(text('b'), text('2'));
  });
  return path;
}

/** Everything that could be seen to change. */
function stateOf(path: string): unknown {
  const { mtimeMs } = statSync(path);
  const files = readdirSync(path).map((name) => [
    name,
    statSync(join(path, name)).mtimeMs,
    createHash('sha256')
      .update(readFileSync(join(path, name)))
      .digest('hex'),
  ]);
  return { mtimeMs, files };
}

describe('a LevelDB directory', () => {
  for (const [what, use] of [
    ['opened', (path: string) => MiniLsm.open(path)],
    ['opened as an existing database', (path: string) => MiniLsm.open(path, { createIfMissing: false })],
    ['destroyed', (path: string) => MiniLsm.destroy(path)],
  ] as const) {
    test(`that is ${what} as one of ours is refused with what to do, and left as it was`, async (t) => {
      const path = await levelDb(join(temporaryDirectory(t), 'db'));
      const before = stateOf(path);
      const error = expectError('LSM_UNSUPPORTED_FORMAT', () => use(path));
      assert.equal(error.file, path);
      assert.ok(error.message.includes(`mini-lsm import ${path} <new directory>`));
      assert.ok(error.message.includes('importLevelDB()'));
      assert.deepEqual(stateOf(path), before);
    });

    test(`without its CURRENT that is ${what} is left as it was too`, async (t) => {
      const path = await levelDb(join(temporaryDirectory(t), 'db'));
      rmSync(join(path, 'CURRENT'));
      const before = stateOf(path);
      expectError('LSM_UNSUPPORTED_FORMAT', () => use(path));
      assert.deepEqual(stateOf(path), before);
    });
  }
});

describe('an import is refused', () => {
  async function refused(
    code: LsmErrorCode,
    pattern: RegExp,
    source: string,
    target: string,
    options = {},
  ): Promise<void> {
    const error = await rejection(code, importLevelDB(source, target, options));
    assert.match(error.message, pattern);
  }

  test('of a directory that does not exist, is empty or holds something else', async (t) => {
    const directory = temporaryDirectory(t);
    const [source, target] = [join(directory, 'source'), join(directory, 'target')];
    await refused('LSM_NOT_FOUND', /source does not exist/, source, target);
    mkdirSync(source);
    await refused('LSM_NOT_FOUND', /no LevelDB database in/, source, target);
    writeFileSync(join(source, 'notes.txt'), 'x');
    await refused('LSM_NOT_FOUND', /no LevelDB database in/, source, target);
    await refused('LSM_INVALID_ARGUMENT', /not a directory/, join(source, 'notes.txt'), target);
    for (const current of [
      '',
      'x',
      'MANIFEST-000001',
      'MANIFEST-1\n\n',
      '../MANIFEST-000001\n',
      'M'.repeat(99),
    ]) {
      writeFileSync(join(source, 'CURRENT'), current);
      await refused('LSM_CORRUPTION', /CURRENT is damaged at offset 0/, source, target);
    }
    writeFileSync(join(source, 'CURRENT'), 'MANIFEST-000001\n');
    await refused('LSM_CORRUPTION', /MANIFEST-000001 is damaged.*missing/, source, target);
    assert.deepEqual(readdirSync(directory), ['source']);
  });

  test('of a database of ours', async (t) => {
    const directory = temporaryDirectory(t);
    const source = join(directory, 'source');
    MiniLsm.open(source).close();
    await refused('LSM_INVALID_ARGUMENT', /database of mini-lsm already/, source, join(directory, 'target'));
    assert.deepEqual(readdirSync(directory), ['source']);
  });

  test('into anything that holds something', async (t) => {
    const directory = temporaryDirectory(t);
    const source = await levelDb(join(directory, 'source'));
    const target = join(directory, 'target');
    const db = MiniLsm.open(target);
    db.put('a', 'mine');
    db.close();
    await refused('LSM_EXISTS', /target exists already/, source, target);
    assert.deepEqual([...contentsOf(target).values()], [Buffer.from('mine').toString('hex')]);
    const file = join(directory, 'file');
    writeFileSync(file, 'x');
    await refused('LSM_EXISTS', /file exists already/, source, file);
    await refused('LSM_EXISTS', /source exists already/, source, source);
  });

  test('into an empty directory of which the database cannot take the place, before anything is written', async (t) => {
    const directory = temporaryDirectory(t);
    const source = await levelDb(join(directory, 'source'));
    const target = join(directory, 'target');
    mkdirSync(join(directory, 'elsewhere'));
    symlinkSync(join(directory, 'elsewhere'), target);
    const onProgress = (): void => assert.fail('nothing is read');
    await refused('LSM_IO', /target.*import into a new directory in it/, source, target, { onProgress });
    assert.deepEqual(readdirSync(directory).sort(), ['elsewhere', 'source', 'target']);
    await importLevelDB(source, join(target, 'new'));
    assert.equal(contentsOf(join(directory, 'elsewhere', 'new')).size, 2);
  });

  test('into the source itself', async (t) => {
    const source = await levelDb(join(temporaryDirectory(t), 'source'));
    const before = stateOf(source);
    await refused('LSM_INVALID_ARGUMENT', /lies in the source/, source, join(source, 'target'));
    await refused('LSM_INVALID_ARGUMENT', /lies in the source/, `${source}/`, join(source, 'deep', 'target'));
    assert.deepEqual(stateOf(source), before);
  });

  test('into the source by another spelling of its path', async () => {
    const fileSystem = new MemoryFileSystem();
    fileSystem.makeDirectory('/source');
    for (const target of ['source/target', '/./source/target', '/other/../source/target']) {
      await refused('LSM_INVALID_ARGUMENT', /lies in the source/, '/source', target, { fileSystem });
    }
    assert.deepEqual(fileSystem.list('/source'), []);
  });

  test('while another import makes the same target', async (t) => {
    const directory = temporaryDirectory(t);
    const source = await levelDb(join(directory, 'source'));
    const target = join(directory, 'target');
    const other = MiniLsm.open(`${target}.importing`);
    writeFileSync(`${target}.importing/IMPORTING`, '');
    await refused('LSM_LOCKED', /target\.importing/, source, target);
    other.close();
  });

  test('with wrong arguments', async (t) => {
    const directory = temporaryDirectory(t);
    const source = await levelDb(join(directory, 'source'));
    const target = join(directory, 'target');
    const code = 'LSM_INVALID_ARGUMENT';
    await refused(code, /path/, '', target);
    await refused(code, /path/, source, '');
    await refused(code, /path/, source, 7 as unknown as string);
    await refused(code, /"salvege"/, source, target, { salvege: true });
    await refused(code, /"errorIfExists"/, source, target, { errorIfExists: false });
    await refused(code, /salvage/, source, target, { salvage: 'yes' });
    await refused(code, /onProgress/, source, target, { onProgress: 1 });
    await refused(code, /signal/, source, target, { signal: {} });
    await refused(code, /memtableBytes/, source, target, { memtableBytes: -1 });
    assert.deepEqual(readdirSync(directory), ['source']);
  });
});
