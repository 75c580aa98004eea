/** Keys and values go in and come out in every encoding, whatever memory they are given in. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel } from './support.ts';

failOnLeaks();

/** Not in the library that the project compiles for, and in every Node.js that it runs on. */
const ResizableArrayBuffer = ArrayBuffer as unknown as new (
  byteLength: number,
  options: { readonly maxByteLength: number },
) => ArrayBuffer & { resize(byteLength: number): void };

const BYTES = Buffer.from([0x00, 0x7f, 0x80, 0xff, 0xc3, 0xa9]);

describe('values', () => {
  test('are read in another encoding than they were written in', async (t) => {
    const db = freshLevel<string, Buffer>(t, { valueEncoding: 'buffer' });
    await db.put('k', Buffer.from('[1,"é"]'));
    const options = (valueEncoding: string): { valueEncoding: string } => ({ valueEncoding });
    const expected: [string, unknown][] = [
      ['utf8', '[1,"é"]'],
      ['json', [1, 'é']],
      ['buffer', Buffer.from('[1,"é"]')],
      ['view', new Uint8Array(Buffer.from('[1,"é"]'))],
      ['hex', Buffer.from('[1,"é"]').toString('hex')],
      ['base64', Buffer.from('[1,"é"]').toString('base64')],
    ];
    for (const [name, value] of expected) {
      assert.deepEqual(plain(await db.get('k', options(name))), plain(value), name);
      assert.deepEqual(plain(db.getSync('k', options(name))), plain(value), name);
      assert.deepEqual((await db.getMany(['k', 'x'], options(name))).map(plain), [plain(value), undefined]);
      assert.deepEqual((await db.values(options(name)).all()).map(plain), [plain(value)], name);
    }
    assert.ok(Buffer.isBuffer(await db.get('k')));
    assert.ok(Buffer.isBuffer(db.getSync('k')));
    assert.ok(Buffer.isBuffer((await db.iterator({ keyEncoding: 'buffer' }).all())[0][0]));
  });

  test('belong to the reader: changing one changes nothing that is stored', async (t) => {
    const db = freshLevel<string, Uint8Array>(t, { valueEncoding: 'view' });
    await db.put('k', BYTES);
    for (let round = 0; round < 2; round++) {
      const found = [
        await db.get('k'),
        db.getSync('k'),
        (await db.getMany(['k']))[0],
        (await db.values().all())[0],
        (await db.iterator().nextv(1))[0][1],
        (await db.iterator().next())?.[1],
      ];
      for (const value of found) {
        assert.ok(value !== undefined);
        assert.deepEqual(Buffer.from(value), BYTES);
        value.fill(7);
      }
      await db.compactRange('a', 'z');
    }
  });

  test('belong to the database once a write was called: changing one changes nothing', async (t) => {
    const db = freshLevel<Buffer, Buffer>(t, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
    await db.open();
    const key = Buffer.from('k');
    const value = Buffer.from('v');
    const writes = [
      db.put(key, value),
      db.batch([{ type: 'put', key: Buffer.concat([key, key]), value }]),
      db
        .batch()
        .put(Buffer.concat([key, key, key]), value)
        .write(),
    ];
    key.fill('x');
    value.fill('x');
    await Promise.all(writes);
    assert.deepEqual(await db.iterator({ keyEncoding: 'utf8', valueEncoding: 'utf8' }).all(), [
      ['k', 'v'],
      ['kk', 'v'],
      ['kkk', 'v'],
    ]);
  });
});

describe('keys', () => {
  test('may lie in memory that can be resized', async (t) => {
    const db = freshLevel<Uint8Array, string>(t, { keyEncoding: 'view' });
    await db.open();
    const memory = new ResizableArrayBuffer(2, { maxByteLength: 16 });
    const key = new Uint8Array(memory);
    key.set([1, 2]);
    await db.put(key, 'value');
    assert.equal(await db.get(key), 'value');
    assert.equal(db.getSync(key), 'value');
    assert.deepEqual(await db.getMany([key]), ['value']);
    assert.equal(await db.has(key), true);
    memory.resize(16);
    assert.equal(await db.get(new Uint8Array(memory, 0, 2)), 'value');
  });

  test('may lie in the middle of a buffer', async (t) => {
    const db = freshLevel<Uint8Array, string>(t, { keyEncoding: 'view' });
    await db.open();
    await db.put(BYTES.subarray(2, 4), 'value');
    assert.equal(await db.get(Uint8Array.of(0x80, 0xff)), 'value');
    assert.equal(db.getSync(BYTES.subarray(2, 4)), 'value');
  });

  test('of any length are found one after the other without a promise', async (t) => {
    const db = freshLevel(t);
    await db.open();
    const keys = ['', 'a', 'é'.repeat(100), 'b', '\u{1f600}'.repeat(1000), 'x'.repeat(5000), 'c'];
    await db.batch(keys.map((key) => ({ type: 'put', key, value: `${key.length}` })));
    for (const key of keys) assert.equal(db.getSync(key), `${key.length}`);
    for (const key of keys) assert.equal(db.getSync(`${key}?`), undefined);
  });

  test('are in the order of their UTF-8 bytes, which is not that of JavaScript', async (t) => {
    const db = freshLevel(t);
    const keys = ['', 'a', 'aa', 'b', '\u00e9', '\uff5e', '\u{1f600}'];
    await db.batch(keys.toReversed().map((key) => ({ type: 'put', key, value: '' })));
    assert.deepEqual(await db.keys().all(), keys);
    assert.notDeepEqual(keys.toSorted(), keys);
  });

  test('that are not text have their lone surrogates replaced', async (t) => {
    const db = freshLevel(t);
    await db.put('\ud800', 'value');
    assert.equal(await db.get('\ufffd'), 'value');
    assert.deepEqual(await db.keys().all(), ['\ufffd']);
  });
});

test('fillCache makes no difference to what is read', async (t) => {
  const db = freshLevel(t);
  await db.put('k', 'v');
  await db.compactRange('a', 'z');
  for (const fillCache of [true, false, undefined]) {
    assert.equal(await db.get('k', { fillCache }), 'v');
    assert.equal(db.getSync('k', { fillCache }), 'v');
    assert.deepEqual(await db.getMany(['k'], { fillCache }), ['v']);
    assert.equal(await db.has('k', { fillCache }), true);
    assert.deepEqual(await db.hasMany(['k', 'x'], { fillCache }), [true, false]);
    assert.deepEqual(await db.iterator({ fillCache }).all(), [['k', 'v']]);
  }
});

/** What buffers and views hold; the original gives buffers for both. */
function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? { bytes: [...value] } : value;
}
