import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import fc from 'fast-check';
import { LsmError } from '../../src/errors.ts';
import { BatchReader } from '../../src/wal/batch-reader.ts';
import { BATCH_START, WriteBatch } from '../../src/wal/write-batch.ts';
import { toHex } from '../support/hex.ts';
import { checkProperty } from '../support/property.ts';

const text = new TextEncoder();

function encoded(batch: WriteBatch, sequence: number): Uint8Array {
  batch.stamp(sequence);
  return batch.buffer.slice(BATCH_START, BATCH_START + batch.byteLength);
}

/** The entries of a batch, as [kind, key, value]. */
function entries(batch: WriteBatch): [number, Uint8Array, Uint8Array][] {
  batch.stamp(1);
  const reader = new BatchReader();
  reader.reset(batch.buffer, BATCH_START, batch.byteLength, 'test', 0);
  const found: [number, Uint8Array, Uint8Array][] = [];
  while (reader.next()) {
    found.push([
      reader.kind,
      reader.buffer.slice(reader.keyStart, reader.keyStart + reader.keyLength),
      reader.buffer.slice(reader.valueStart, reader.valueStart + reader.valueLength),
    ]);
  }
  return found;
}

test('the bytes of a batch are the documented ones', () => {
  const batch = new WriteBatch().put('ab', Uint8Array.of(0xff, 0x00)).delete('c').put('', '');
  const header = '1032547698badc00'.replace('98badc00', '98ba1c00');
  assert.equal(
    toHex(encoded(batch, 0x1c_ba98_7654_3210)),
    `${header}03000000` +
      '01 0200 6162 02000000 ff00 02 0100 63 00000000 01 0000 00000000'.replaceAll(' ', ''),
  );
});

const bytes = fc.uint8Array({ maxLength: 150, size: 'max' });
const data = fc.oneof(
  bytes,
  fc.string({ unit: 'binary', maxLength: 60, size: 'max' }),
  fc.string({ maxLength: 150, size: 'max' }),
);
const write = fc.oneof(fc.record({ key: data, value: data }), fc.record({ key: data }));

test('what is put in comes out, whatever it is', () => {
  const asBytes = (of: string | Uint8Array): Uint8Array => (typeof of === 'string' ? text.encode(of) : of);
  checkProperty(
    fc.property(fc.array(write, { maxLength: 30, size: 'max' }), (writes) => {
      const batch = new WriteBatch();
      for (const one of writes) {
        if ('value' in one) batch.put(one.key, one.value);
        else batch.delete(one.key);
      }
      const expected = writes.map((one) =>
        'value' in one ? [1, asBytes(one.key), asBytes(one.value)] : [2, asBytes(one.key), new Uint8Array(0)],
      );
      assert.equal(batch.count, writes.length);
      assert.deepEqual(entries(batch), expected);
    }),
  );
});

test('an empty batch has no entries and the length of its header', () => {
  const batch = new WriteBatch();
  assert.equal(batch.count, 0);
  assert.equal(batch.byteLength, 12);
  assert.deepEqual(entries(batch), []);
});

test('the batch copies: what happens to an argument later does not matter', () => {
  const key = Uint8Array.of(1);
  const value = new Uint8Array(200).fill(2);
  const batch = new WriteBatch().put(key, value);
  key[0] = 9;
  value.fill(9);
  assert.deepEqual(entries(batch), [[1, Uint8Array.of(1), new Uint8Array(200).fill(2)]]);
});

test('a Buffer, a part of an array, shared memory and an array of another realm are bytes', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(1)).fill(4);
  const foreign: Uint8Array = vm.runInNewContext('new Uint8Array([5, 6])');
  const batch = new WriteBatch()
    .put(Buffer.from('abc').subarray(1, 2), Uint8Array.of(1, 2, 3).subarray(1))
    .put(shared, foreign);
  assert.deepEqual(entries(batch), [
    [1, text.encode('b'), Uint8Array.of(2, 3)],
    [1, Uint8Array.of(4), Uint8Array.of(5, 6)],
  ]);
});

test('clear empties the batch, which then holds only what is put in anew', () => {
  const batch = new WriteBatch().put('key', 'a long value');
  assert.equal(batch.clear(), batch);
  assert.equal(batch.count, 0);
  batch.put('k', 'v');
  assert.deepEqual(entries(batch), [[1, text.encode('k'), text.encode('v')]]);
});

test('a batch takes another one behind its own writes, whether it has room for it or not', () => {
  for (const length of [1, 5000]) {
    const value = 'v'.repeat(length);
    const batch = new WriteBatch().put('a', '1');
    batch.append(new WriteBatch().put('b', value).delete('c'));
    const expected = new WriteBatch().put('a', '1').put('b', value).delete('c');
    assert.equal(batch.count, 3);
    assert.equal(batch.byteLength, expected.byteLength);
    for (const one of [batch, expected]) one.stamp(1);
    const bytesOf = (one: WriteBatch) => one.buffer.slice(BATCH_START, BATCH_START + one.byteLength);
    assert.deepEqual(bytesOf(batch), bytesOf(expected));
  }
});

test('clear keeps a usual amount of memory and gives back a large one', () => {
  const batch = new WriteBatch().put('k', new Uint8Array(100_000));
  const usual = batch.buffer;
  assert.equal(batch.clear().buffer, usual);
  batch.put('k', new Uint8Array(2_000_000));
  assert.ok(batch.clear().buffer.length < 2000);
});

test('filling a batch again takes no new memory', () => {
  const batch = new WriteBatch().put('0123456789abcdef', new Uint8Array(100));
  const buffer = batch.buffer;
  for (let i = 0; i < 100; i++) batch.clear().put('0123456789abcdef', new Uint8Array(100));
  assert.equal(batch.buffer, buffer);
});

/** The error of a write, and that the batch is as it was before. */
function refusal(attempt: (batch: WriteBatch) => unknown): LsmError {
  const batch = new WriteBatch().put('a', '1');
  const before = encoded(batch, 1);
  try {
    attempt(batch);
  } catch (error) {
    assert.ok(error instanceof LsmError, String(error));
    assert.equal(batch.count, 1);
    assert.deepEqual(encoded(batch, 1), before);
    batch.delete('b');
    assert.equal(entries(batch).length, 2);
    return error;
  }
  assert.fail('it was accepted');
}

test('the longest key is accepted, as bytes and as text of any width', () => {
  const longest = ['k'.repeat(65_535), '\u20ac'.repeat(21_845), `${'ä'.repeat(32_767)}a`];
  for (const key of longest) {
    assert.equal(text.encode(key).length, 65_535);
    assert.deepEqual(entries(new WriteBatch().put(key, 'v')), [[1, text.encode(key), text.encode('v')]]);
  }
  assert.equal(entries(new WriteBatch().delete(new Uint8Array(65_535))).length, 1);
});

test('a key over the limit is refused, with its length and the limit, and without its content', () => {
  const tooLong = [new Uint8Array(65_536), 'k'.repeat(65_536), 'ä'.repeat(32_768)];
  for (const key of tooLong) {
    for (const attempt of [(b: WriteBatch) => b.put(key, ''), (b: WriteBatch) => b.delete(key)]) {
      const error = refusal(attempt);
      assert.equal(error.code, 'LSM_TOO_LARGE');
      assert.equal(error.message, 'a key of 65536 bytes is over the limit of 65535 bytes');
    }
  }
});

/** Claims a length without taking the memory. */
class Claiming extends Uint8Array {
  claimed = 0;
  override get length(): number {
    return this.claimed;
  }
}

function claiming(length: number): Uint8Array {
  const value = new Claiming(0);
  value.claimed = length;
  return value;
}

test('a value over the limit is refused, with its length and the limit', () => {
  const error = refusal((batch) => batch.put('k', claiming(2 ** 30 + 1)));
  assert.equal(error.code, 'LSM_TOO_LARGE');
  assert.equal(error.message, 'a value of 1073741825 bytes is over the limit of 1073741824 bytes');
});

test('a batch over the limit is refused, and what it holds by then is kept', () => {
  const batch = new WriteBatch().put('k', claiming(2 ** 30));
  const { byteLength } = batch;
  const room = 2 ** 31 - 2 ** 20 - byteLength;
  assert.throws(() => batch.put('', claiming(room - 7 + 1)), {
    code: 'LSM_TOO_LARGE',
    message: 'a batch of 2146435073 bytes is over the limit of 2146435072 bytes',
  });
  assert.equal(batch.count, 1);
  assert.equal(batch.byteLength, byteLength);
});

test('anything but a string and a Uint8Array is refused, and its content is not shown', () => {
  const wrong: [unknown, string][] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [4711, 'number'],
    [4711n, 'bigint'],
    [true, 'boolean'],
    [['secret'], 'Array'],
    [{ secret: 1 }, 'Object'],
    [new Date(0), 'Date'],
    [new Uint16Array(4), 'Uint16Array'],
    [new Uint8ClampedArray(4), 'Uint8ClampedArray'],
    [new DataView(new ArrayBuffer(4)), 'DataView'],
    [new ArrayBuffer(4), 'ArrayBuffer'],
  ];
  for (const [argument, name] of wrong) {
    const asKey = refusal((batch) => batch.put(argument as string, 'v'));
    assert.equal(asKey.code, 'LSM_INVALID_ARGUMENT');
    assert.equal(asKey.message, `a key must be a string or a Uint8Array, not ${name}`);
    const asValue = refusal((batch) => batch.put('k', argument as string));
    assert.equal(asValue.message, `a value must be a string or a Uint8Array, not ${name}`);
    assert.equal(refusal((batch) => batch.delete(argument as string)).code, 'LSM_INVALID_ARGUMENT');
  }
});

test('a long text takes the room it needs and not three bytes a character', () => {
  const long = 'x'.repeat(3_000_000);
  const batch = new WriteBatch().put('k', long);
  assert.equal(batch.byteLength, 12 + 7 + 1 + 3_000_000);
  assert.ok(batch.buffer.length < 3_001_000);
  const wide = '\u20ac\ud800'.repeat(20_000);
  assert.deepEqual(entries(new WriteBatch().put('k', wide))[0]?.[2], text.encode(wide));
});
