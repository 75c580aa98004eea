/** A scan copies entries many at a time: nothing of that may show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryFileSystem, MiniLsm } from '../../src/index.ts';
import { namesOfKind, readBytes, replaceFile } from '../support/edit-file.ts';
import { expectError } from '../support/expect-error.ts';
import { checkProperty } from '../support/property.ts';

const name = (at: number): string => `key ${String(at).padStart(5, '0')}`;

function filled(entries: number, valueBytes: (at: number) => number): MiniLsm {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem(), background: 'inline' });
  for (let at = 0; at < entries; at++) db.put(name(at), new Uint8Array(valueBytes(at)).fill(at));
  db.compact();
  return db;
}

test('entries of a scan stay as they were given, whatever is read and written later', () => {
  const sizes = fc.constantFrom(0, 1, 40, 64, 65, 100, 2000, 2049, 9000, 20_000);
  checkProperty(
    fc.property(
      fc.array(sizes, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      fc.nat(400),
      (pattern, reverse, limit) => {
        const size = (at: number): number => pattern[at % pattern.length];
        const db = filled(300, size);
        const given = [...db.scan({ reverse, limit })];
        for (let at = 0; at < 300; at++) db.put(name(at), 'other');
        db.compact();
        assert.equal([...db.scan({ reverse })].length, 300);
        assert.equal(given.length, Math.min(limit, 300));
        for (const [index, [key, value]] of given.entries()) {
          const at = reverse ? 299 - index : index;
          assert.equal(Buffer.from(key).toString(), name(at));
          assert.equal(value.length, size(at));
          assert.ok(value.every((byte) => byte === at % 256));
        }
        db.close();
      },
    ),
    30,
  );
});

test('a caller who writes to an entry harms no other entry and not the database', () => {
  const db = filled(200, () => 30);
  for (const [key, value] of db.scan()) {
    key.fill(0xff);
    value.fill(0xff);
  }
  const seen = [...db.scan()].map(([key, value]) => `${Buffer.from(key).toString()} ${value[0]}`);
  assert.deepEqual(
    seen,
    Array.from({ length: 200 }, (_, at) => `${name(at)} ${at}`),
  );
  db.close();
});

test('a scan ends with LSM_CLOSED at the next entry when the database is closed, wherever that falls', () => {
  for (const before of [0, 1, 2, 5, 30]) {
    const db = filled(100, () => 10);
    const scan = db.scan()[Symbol.iterator]();
    for (let i = 0; i < before; i++) assert.equal(scan.next().done, false);
    db.close();
    expectError('LSM_CLOSED', () => scan.next());
  }
});

test('a scan that was ended gives nothing more', () => {
  const db = filled(100, () => 10);
  const scan = db.scan()[Symbol.iterator]();
  for (let i = 0; i < 5; i++) scan.next();
  scan.return();
  assert.equal(scan.next().done, true);
  assert.equal(db.stats().cursors, 0);
  db.close();
});

test('damage shows at the first entry of its block, from either side, and everything before it is given', () => {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open('/db', {
    fileSystem: fs,
    background: 'inline',
    compression: 'none',
    blockBytes: 512,
  });
  for (let at = 0; at < 500; at++) db.put(name(at), 'v'.repeat(20));
  db.compact();
  db.close();
  const [file] = namesOfKind(fs, '/db', 'table');
  const bytes = readBytes(fs, `/db/${file}`);
  bytes[9000] ^= 1;
  replaceFile(fs, `/db/${file}`, bytes);
  const damaged = MiniLsm.open('/db', { fileSystem: fs, background: 'inline' });
  const given = [false, true].map((reverse) => {
    const seen: string[] = [];
    expectError('LSM_CORRUPTION', () => {
      for (const [key] of damaged.scan({ reverse })) seen.push(Buffer.from(key).toString());
    });
    return seen;
  });
  const [before, after] = given.map((seen) => seen.length);
  const lost = 500 - before - after;
  assert.ok(before > 100 && after > 100 && lost > 0 && lost <= 512 / 20, `${before}, ${after}`);
  assert.deepEqual(
    given[0],
    Array.from({ length: before }, (_, at) => name(at)),
  );
  assert.deepEqual(
    given[1],
    Array.from({ length: after }, (_, at) => name(499 - at)),
  );
  damaged.close();
});
