/** Errors have the codes of abstract-level, and the engine's own error as their cause. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { LsmError, MemoryFileSystem, MiniLevel } from '../../src/index.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { namesOfKind, readBytes, replaceFile } from '../support/edit-file.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { freshLocation, type LevelError, openFails } from './support.ts';

failOnLeaks();

const COUNT = 1000;

function assertError(
  error: unknown,
  code: string,
  cause: string,
): asserts error is Error & { cause: LsmError } {
  assert.ok(error instanceof Error);
  assert.equal((error as LevelError).code, code, error.message);
  assert.ok(error.cause instanceof LsmError, 'the error of the engine is the cause');
  assert.equal(error.cause.code, cause);
}

/** A database with a table whose first block is damaged. */
async function damaged(): Promise<{ db: MiniLevel; path: string }> {
  const fileSystem = new MemoryFileSystem();
  const db = new MiniLevel('/db', { fileSystem });
  await db.batch(Array.from({ length: COUNT }, (_, i) => ({ type: 'put', key: `key ${i}`, value: 'value' })));
  await db.compactRange('', '~');
  await db.close();
  const [name, ...others] = namesOfKind(fileSystem, '/db', 'table');
  assert.deepEqual(others, []);
  const path = `/db/${name}`;
  const bytes = readBytes(fileSystem, path);
  bytes[20] ^= 1;
  replaceFile(fileSystem, path, bytes);
  await db.open();
  return { db, path };
}

describe('damage in a table is LEVEL_CORRUPTION, with the file and the offset, from', () => {
  const reads: Readonly<Record<string, (db: MiniLevel) => unknown>> = {
    'get()': (db) => db.get('key 0'),
    'getSync()': (db) => db.getSync('key 0'),
    'getMany()': (db) => db.getMany(['key 999', 'key 0']),
    'has()': (db) => db.has('key 0'),
    'hasMany()': (db) => db.hasMany(['key 0']),
    'next()': (db) => db.iterator().next(),
    'nextv()': (db) => db.iterator().nextv(10),
    'all()': (db) => db.iterator().all(),
    'the end of a range': (db) => db.keys({ reverse: true }).all(),
    'a loop': async (db) => {
      for await (const _ of db.values());
    },
    'seek()': async (db) => {
      const iterator = db.iterator();
      iterator.seek('key 0');
      return iterator.next();
    },
    // Of everything, it need not read.
    'clear() of a range': (db) => db.clear({ gte: 'key' }),
    'compactRange()': async (db) => {
      // A table alone at the bottom would be left as it is.
      await db.put('key 1', 'new');
      await db.compactRange('', '~');
    },
  };
  for (const [name, read] of Object.entries(reads)) {
    test(name, async () => {
      const { db, path } = await damaged();
      await assert.rejects(
        async () => read(db),
        (error) => {
          assertError(error, 'LEVEL_CORRUPTION', 'LSM_CORRUPTION');
          assert.equal(error.cause.file, path);
          assert.equal(typeof error.cause.offset, 'number');
          assert.doesNotMatch(error.message, /key \d|value/);
          return true;
        },
      );
      assert.equal(await db.get('key 999'), 'value', 'what is not damaged can be read');
      await db.close();
    });
  }

  test('an iterator again and again, until it is moved elsewhere', async () => {
    const { db } = await damaged();
    const iterator = db.iterator();
    const damage = { code: 'LEVEL_CORRUPTION' };
    for (let i = 0; i < 3; i++) await assert.rejects(iterator.next(), damage);
    await assert.rejects(iterator.nextv(10), damage);
    iterator.seek('key 999');
    assert.deepEqual(await iterator.next(), ['key 999', 'value']);
    iterator.seek('key 0');
    for (let i = 0; i < 3; i++) await assert.rejects(iterator.nextv(1), damage);
    await assert.rejects(iterator.all(), damage);
    await db.close();
  });

  test('verify(), which lists it', async () => {
    const { db, path } = await damaged();
    const { problems } = await db.verify();
    assert.ok(problems.length > 0);
    assert.match(JSON.stringify(problems), new RegExp(path));
    await db.close();
  });
});

describe('a disk that fails', () => {
  for (const code of ['LSM_IO', 'LSM_NO_SPACE'] as const) {
    const writes: Readonly<Record<string, (db: MiniLevel) => Promise<void>>> = {
      'put()': (db) => db.put('a', '1'),
      'del()': (db) => db.del('a'),
      'batch([])': (db) => db.batch([{ type: 'put', key: 'a', value: '1' }]),
      'batch()': (db) => db.batch().put('a', '1').write(),
      'clear()': (db) => db.clear(),
    };
    for (const [name, write] of Object.entries(writes)) {
      test(`gives LEVEL_IO_ERROR for ${code} in ${name}, and LEVEL_READONLY from then on`, async () => {
        const disk = new FaultyFileSystem(new MemoryFileSystem());
        const db = new MiniLevel('/db', { fileSystem: disk });
        await db.put('old', 'value');
        disk.arm({ at: disk.operations + 1, when: 'before', errno: code === 'LSM_IO' ? 'EIO' : 'ENOSPC' });
        await assert.rejects(write(db), (error) => {
          assertError(error, 'LEVEL_IO_ERROR', code);
          return true;
        });
        await assert.rejects(write(db), (error) => {
          assertError(error, 'LEVEL_READONLY', 'LSM_READ_ONLY');
          return true;
        });
        assert.equal(await db.get('a'), undefined);
        assert.equal(await db.get('old'), 'value');
        await db.close();
        await db.open();
        await write(db);
        await db.close();
      });
    }
  }
});

describe('a database is not opened', () => {
  test('where LevelDB keeps its own, and says how to import that', async (t) => {
    const location = freshLocation(t);
    const original = new ClassicLevel(location);
    await original.put('a', '1');
    await original.close();
    const db = new MiniLevel(location);
    const cause = await openFails(db.open());
    assert.equal(cause.code, 'LSM_UNSUPPORTED_FORMAT');
    assert.match(cause.message, /mini-lsm import/);
    await original.open();
    assert.equal(await original.get('a'), '1', 'it is untouched');
    await original.close();
  });

  test('where a file is', async (t) => {
    const location = `${temporaryDirectory(t)}/file`;
    writeFileSync(location, 'mine');
    const cause = await openFails(new MiniLevel(location).open());
    assert.equal(cause.code, 'LSM_INVALID_ARGUMENT');
    assert.ok(cause.message.includes(location), cause.message);
    assert.equal(readFileSync(location, 'utf8'), 'mine');
  });

  test('that is damaged', async () => {
    const fileSystem = new MemoryFileSystem();
    const db = new MiniLevel('/db', { fileSystem });
    await db.put('a', '1');
    await db.close();
    const current = readBytes(fileSystem, '/db/CURRENT');
    current[20] ^= 1;
    replaceFile(fileSystem, '/db/CURRENT', current);
    await assert.rejects(db.open(), (error) => {
      assert.equal((error as LevelError).code, 'LEVEL_DATABASE_NOT_OPEN');
      assertError((error as Error).cause, 'LEVEL_CORRUPTION', 'LSM_CORRUPTION');
      return true;
    });
    assert.equal(db.status, 'closed');
  });
});

describe('a database that is closed refuses', () => {
  const calls: Readonly<Record<string, (db: MiniLevel) => unknown>> = {
    'get()': (db) => db.get('a'),
    'getSync()': (db) => db.getSync('a'),
    'getMany()': (db) => db.getMany(['a']),
    'has()': (db) => db.has('a'),
    'hasMany()': (db) => db.hasMany(['a']),
    'put()': (db) => db.put('a', '1'),
    'del()': (db) => db.del('a'),
    'batch([])': (db) => db.batch([{ type: 'del', key: 'a' }]),
    'batch()': (db) => db.batch(),
    'clear()': (db) => db.clear(),
    'iterator()': (db) => db.iterator(),
    'keys()': (db) => db.keys(),
    'values()': (db) => db.values(),
    'snapshot()': (db) => db.snapshot(),
    'approximateSize()': (db) => db.approximateSize('a', 'b'),
    'compactRange()': (db) => db.compactRange('a', 'b'),
    'getProperty()': (db) => db.getProperty('leveldb.stats'),
    'stats()': (db) => db.stats(),
    'flush()': (db) => db.flush(),
    'verify()': (db) => db.verify(),
    'checkpoint()': (db) => db.checkpoint('/elsewhere'),
    'its engine': (db) => db.engine,
  };
  for (const [name, call] of Object.entries(calls)) {
    test(name, async () => {
      const db = new MiniLevel('/db', { fileSystem: new MemoryFileSystem() });
      await db.open();
      await db.close();
      await assert.rejects(async () => call(db), { code: 'LEVEL_DATABASE_NOT_OPEN' });
    });
  }

  for (const name of ['read', 'write', 'close'] as const) {
    test(`a chained batch and an iterator of it to ${name}`, async () => {
      const db = new MiniLevel('/db', { fileSystem: new MemoryFileSystem() });
      await db.open();
      const batch = db.batch().put('a', '1');
      const iterator = db.iterator();
      await db.close();
      if (name === 'write') await assert.rejects(batch.write(), { code: 'LEVEL_BATCH_NOT_OPEN' });
      if (name === 'read') await assert.rejects(iterator.next(), { code: 'LEVEL_ITERATOR_NOT_OPEN' });
      if (name === 'close') await Promise.all([batch.close(), iterator.close()]);
    });
  }
});

test('a table that cannot be opened is LEVEL_CORRUPTION from iterators too', async () => {
  const fileSystem = new MemoryFileSystem();
  const db = new MiniLevel('/db', { fileSystem });
  await db.put('a', '1');
  await db.flush();
  await db.close();
  const path = `/db/${namesOfKind(fileSystem, '/db', 'table')[0]}`;
  const bytes = readBytes(fileSystem, path);
  bytes[bytes.length - 1] ^= 1;
  replaceFile(fileSystem, path, bytes);
  await db.open();
  const reads: ((db: MiniLevel) => unknown)[] = [
    (db) => db.iterator().next(),
    (db) => db.keys().all(),
    (db) => db.values().nextv(1),
    (db) => db.clear(),
    (db) => db.approximateSize('A', 'z'),
    (db) => db.get('a'),
  ];
  for (const read of reads) {
    await assert.rejects(
      async () => read(db),
      (error) => {
        assertError(error, 'LEVEL_CORRUPTION', 'LSM_CORRUPTION');
        return true;
      },
    );
  }
  await db.close();
});
