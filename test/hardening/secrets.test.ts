/** Nothing of keys and values gets into messages, and nothing of other memory, or of deleted entries, into files. */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { LsmError } from '../../src/errors.ts';
import { joinPath } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { WriteBatch } from '../../src/wal/write-batch.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { CODECS } from '../support/codecs.ts';
import { filesIn, replaceFile } from '../support/edit-file.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { DATABASE, TINY } from '../support/small-database.ts';

failOnLeaks();

const SECRET = 'hunter2';

/** Everything that an error says, with what caused it. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack, cause, ...rest } = error;
  return [message, JSON.stringify(rest), cause === undefined ? '' : textOf(cause)].join('\n');
}

function secretDatabase(fileSystem: FaultyFileSystem | MemoryFileSystem): MiniLsm {
  const db = MiniLsm.open(DATABASE, { ...TINY, fileSystem });
  for (let i = 0; i < 20; i++) db.put(`${SECRET} ${i}`, `${SECRET} value ${i}`.padEnd(60));
  return db;
}

test('no message, field or cause of any error holds a key or a value', () => {
  const codes = new Set<string>();
  const attempt = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      assert.ok(error instanceof LsmError, String(error));
      codes.add(error.code);
      assert.ok(!textOf(error).includes(SECRET), textOf(error));
    }
  };
  const memory = new MemoryFileSystem();
  const faulty = new FaultyFileSystem(memory);
  const db = secretDatabase(faulty);
  const long = SECRET.repeat(10_000);
  const snapshot = db.snapshot();
  snapshot.close();
  attempt(() => db.put(long, SECRET));
  attempt(() => db.get(long));
  attempt(() => new WriteBatch().put(SECRET, new Uint8Array(2 ** 30 + 1)));
  for (const wrong of [{ key: SECRET }, [SECRET], Symbol(SECRET), () => SECRET, new Date(0)]) {
    attempt(() => db.put(wrong as never, SECRET));
    attempt(() => db.put(SECRET, wrong as never));
    attempt(() => db.get(wrong as never));
    attempt(() => db.scan({ gte: wrong as never }));
    attempt(() => db.scan({ limit: wrong as never }));
    attempt(() => db.put(SECRET, SECRET, { sync: wrong as never }));
  }
  attempt(() => db.get(SECRET, { snapshot }));
  attempt(() => MiniLsm.open(DATABASE, { fileSystem: memory }));
  attempt(() => MiniLsm.open('/none', { fileSystem: memory, createIfMissing: false }));
  attempt(() => db.backup(DATABASE));
  attempt(() => db.backup('/backup', { signal: AbortSignal.abort() }));
  const left = memory.crashClone();
  const exists = { fileSystem: left.crashClone(), errorIfExists: true };
  attempt(() => MiniLsm.open(DATABASE, exists));
  db.flush();
  faulty.arm({ at: faulty.operations + 1, when: 'before', errno: 'EIO' });
  attempt(() => db.backup('/backup'));
  for (let at = 1; at < 12; at++) {
    faulty.arm({ at: faulty.operations + at, when: 'before', errno: 'ENOSPC' });
    attempt(() => db.put(SECRET, SECRET.repeat(300)));
    attempt(() => db.flush());
  }
  faulty.arm(undefined);
  attempt(() => db.put(SECRET, SECRET));
  attempt(() => db.close());
  attempt(() => db.get(SECRET));

  for (const [name, bytes] of filesIn(left, DATABASE)) {
    for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 60))) {
      const disk = left.crashClone();
      const changed = bytes.slice();
      changed[at] ^= 0x41;
      replaceFile(disk, joinPath(DATABASE, name), changed);
      const report = MiniLsm.verify(DATABASE, { fileSystem: disk, recovery: 'strict' });
      assert.ok(!JSON.stringify(report).includes(SECRET));
      attempt(() => {
        const opened = MiniLsm.open(DATABASE, { ...TINY, fileSystem: disk, recovery: 'strict' });
        try {
          for (const _ of opened.scan());
        } finally {
          opened.close();
        }
      });
      attempt(() => {
        const { problems } = MiniLsm.repair(DATABASE, { ...TINY, fileSystem: disk });
        assert.ok(!JSON.stringify(problems).includes(SECRET));
      });
    }
  }
  // All but those that need a second program, a newer one, or a broken engine.
  for (const code of ['CORRUPTION', 'LOCKED', 'NOT_FOUND', 'CLOSED', 'READ_ONLY', 'IO', 'NO_SPACE']) {
    assert.ok(codes.has(`LSM_${code}`), `${code} was met`);
  }
  for (const code of ['INVALID_ARGUMENT', 'TOO_LARGE', 'ABORTED', 'EXISTS']) {
    assert.ok(codes.has(`LSM_${code}`), `${code} was met`);
  }
});

test('no file holds memory that was not written, nor what has been compacted away', (t) => {
  const poison = Buffer.from('POISON!!');
  const { allocUnsafe, allocUnsafeSlow } = Buffer;
  Buffer.allocUnsafe = (size) => Buffer.alloc(size, poison);
  Buffer.allocUnsafeSlow = (size) => Buffer.alloc(size, poison);
  t.after(() => Object.assign(Buffer, { allocUnsafe, allocUnsafeSlow }));
  for (const compression of CODECS) {
    const fs = new MemoryFileSystem();
    const options = { ...TINY, compression, fileSystem: fs };
    let db = MiniLsm.open(DATABASE, options);
    for (let i = 0; i < 100; i++) db.put(`key ${i}`, `${SECRET} ${i} `.repeat(1 + (i % 40)));
    db.compact();
    for (let i = 0; i < 100; i++) db.delete(`key ${i}`);
    db.compact();
    // The same buffers, memtables and blocks again, with less in them.
    for (let i = 0; i < 100; i++) db.put(`k${i}`, 'v'.repeat(i % 7));
    for (const _ of db.scan());
    db.compact();
    db.close();
    db = MiniLsm.open(DATABASE, options);
    db.backup(`/backup ${compression}`);
    db.close();
    for (const directory of [DATABASE, `/backup ${compression}`]) {
      const files = filesIn(fs, directory);
      assert.ok(files.size > 2);
      for (const [name, bytes] of files) {
        const text = Buffer.from(bytes).toString('latin1');
        assert.ok(!text.includes('OISON'), `${name} holds memory that was not written`);
        assert.ok(!text.includes(SECRET), `${name} holds what was deleted`);
      }
    }
  }
});
