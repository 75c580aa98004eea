/** Keys are ordered by their bytes as unsigned numbers, wherever they lie. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failOnLeaks } from '../../support/leaks.ts';
import { memoryDatabase } from '../../support/small-database.ts';

failOnLeaks();

const KEYS: readonly Uint8Array[] = [
  [],
  [0],
  [0, 0],
  [0, 0, 1],
  [0, 0xff],
  [1],
  [0x61],
  [0x61, 0],
  [0x61, 0x61],
  [0x61, 0xff],
  [0x61, 0xff, 0],
  [0x62],
  [0x7f],
  [0x80],
  [0xfe, 0xff],
  [0xff],
  [0xff, 0],
  [0xff, 0xfe],
  [0xff, 0xff],
  [0xff, 0xff, 0],
].map((bytes) => Uint8Array.from(bytes));

test('keys with bytes 0x00 and 0xff keep the order of their bytes in every place', (t) => {
  const db = memoryDatabase(t, { blockBytes: 32, memtableBytes: 4096 });
  for (let i = 0; i < KEYS.length; i++) db.put(KEYS[(i * 7) % KEYS.length], `${(i * 7) % KEYS.length}`);
  for (const settle of [() => {}, () => db.flush(), () => db.compact()]) {
    settle();
    assert.deepEqual(
      Array.from(db.scan(), ([key]) => [...key]),
      KEYS.map((key) => [...key]),
    );
    for (const [at, key] of KEYS.entries()) {
      assert.deepEqual(
        Array.from(db.scan({ gte: key }), ([found]) => [...found]),
        KEYS.slice(at).map((found) => [...found]),
      );
      assert.deepEqual(
        Array.from(db.scan({ lt: key, reverse: true }), ([found]) => [...found]),
        KEYS.slice(0, at)
          .map((found) => [...found])
          .reverse(),
      );
    }
  }
});

test('text is ordered by its UTF-8 bytes, not by its UTF-16 units: U+FF5E comes before U+1F600', (t) => {
  const db = memoryDatabase(t);
  const [tilde, smile] = ['～', '\u{1f600}'];
  assert.ok(smile < tilde, 'JavaScript orders them the other way round');
  db.put(smile, 'smile');
  db.put(tilde, 'tilde');
  db.put('é', 'e');
  db.put('世', 'world');
  for (const settle of [() => {}, () => db.flush(), () => db.compact()]) {
    settle();
    const found = Array.from(db.scan(), ([key]) => Buffer.from(key).toString());
    assert.deepEqual(found, ['é', '世', tilde, smile]);
    assert.deepEqual(
      Array.from(db.scan({ gt: tilde }), ([key]) => Buffer.from(key).toString()),
      [smile],
    );
  }
});

test('text and the same bytes are one key', (t) => {
  const db = memoryDatabase(t);
  db.put('\u{1f600}', 'text');
  assert.equal(db.has(Uint8Array.of(0xf0, 0x9f, 0x98, 0x80)), true);
  db.delete(Buffer.from('\u{1f600}'));
  assert.equal(db.has('\u{1f600}'), false);
});

test('the longest key and its neighbours are found in every place', (t) => {
  const db = memoryDatabase(t, { blockBytes: 32 });
  const longest = new Uint8Array(65_535).fill(0xff);
  const shorter = longest.subarray(0, 65_534);
  const other = longest.slice();
  other[65_534] = 0xfe;
  for (const [at, key] of [longest, shorter, other].entries()) db.put(key, String(at));
  for (const settle of [() => {}, () => db.flush(), () => db.compact()]) {
    settle();
    assert.deepEqual(
      Array.from(db.scan(), ([key, value]) => [key.length, String.fromCharCode(...value)]),
      [
        [65_534, '1'],
        [65_535, '2'],
        [65_535, '0'],
      ],
    );
    for (const key of [longest, shorter, other]) assert.equal(db.has(key), true);
  }
  assert.equal(db.verify().ok, true);
});
