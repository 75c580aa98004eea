import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../src/bytes/compare.ts';
import { keyOrder } from '../../src/keys/key-order.ts';
import { text } from '../sstable/support.ts';
import { checkProperty } from '../support/property.ts';

/** The order of keys that lie one behind the other, a byte apart. */
function orderOf(keys: readonly Uint8Array[]): number[] {
  const starts = new Uint32Array(keys.length);
  let end = 1;
  for (const [i, key] of keys.entries()) {
    starts[i] = end;
    end += key.length + 1;
  }
  const bytes = new Uint8Array(end).fill(0x7f);
  for (const [i, key] of keys.entries()) bytes.set(key, starts[i]);
  const lengths = Uint16Array.from(keys, ({ length }) => length);
  return [...keyOrder({ bytes, starts, lengths, count: keys.length })];
}

function expectedOrder(keys: readonly Uint8Array[]): number[] {
  return keys.map((_, i) => i).sort((a, b) => compareKeys(keys[a], keys[b]) || b - a);
}

function check(keys: readonly Uint8Array[]): void {
  assert.deepEqual(orderOf(keys), expectedOrder(keys));
}

describe('keyOrder', () => {
  it('is the order of the keys, and of equal ones the last comes first, whatever bytes they are of', () => {
    const byte = fc.oneof(fc.constantFrom(0x00, 0x01, 0x30, 0x61, 0xff), fc.nat(255));
    const key = fc.array(byte, { maxLength: 24 }).map((bytes) => Uint8Array.from(bytes));
    checkProperty(
      fc.property(fc.constantFrom('', 'p', 'user/').map(text), fc.array(key), (prefix, ends) => {
        check(ends.map((end) => Uint8Array.from([...prefix, ...end])));
      }),
      300,
    );
  });

  it('tells keys apart that differ only behind the bytes that fit a number', () => {
    const tail = fc.constantFrom('', '0', '1', '11', 'a');
    const head = fc.constantFrom('a', 'b').map((letter) => letter + 'xyz0123456789'.repeat(4));
    const key = fc.tuple(head, tail).map(([start, end]) => text(start + end));
    checkProperty(fc.property(fc.array(key), check));
  });

  it('takes no keys, one key and empty keys', () => {
    assert.deepEqual(orderOf([]), []);
    assert.deepEqual(orderOf([text('a')]), [0]);
    assert.deepEqual(orderOf([text(''), text('a'), text('')]), [2, 0, 1]);
  });

  it('sorts more keys than there are numbers of two bytes', () => {
    const count = 70_000;
    check(Array.from({ length: count }, (_, i) => text(String((i * 40_503) % count))));
  });
});
