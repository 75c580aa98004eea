import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { writeU16 } from '../../src/bytes/integers.ts';
import { mostRows, toColumns, toRows } from '../../src/sstable/block-columns.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { checkProperty } from '../support/property.ts';
import { type Entry, encodeBlock, sorted, text } from './support.ts';

const GUARD = 0xa5;

/** The columns of these rows, made in memory behind which nothing may be written. */
function toColumnsOf(rows: Uint8Array): Uint8Array {
  const memory = new Uint8Array(2 * rows.length + 8).fill(GUARD);
  memory.set(rows);
  const length = toColumns(memory, rows.length);
  assert.ok(memory.subarray(2 * rows.length).every((byte) => byte === GUARD));
  assert.deepEqual(memory.subarray(0, rows.length), rows);
  return memory.slice(rows.length, rows.length + length);
}

function columnsOf(entries: readonly Entry[]): { rows: Uint8Array; columns: Uint8Array } {
  const rows = encodeBlock(entries).slice(0, -5);
  const columns = toColumnsOf(rows);
  assert.equal(columns.length, rows.length - 2 * entries.length);
  return { rows, columns };
}

/** The rows of those columns, made in memory that nobody may change around them. */
function rowsOf(columns: Uint8Array): Uint8Array | undefined {
  const start = columns.length;
  const most = mostRows(start);
  const memory = new Uint8Array(start + most + 8).fill(GUARD);
  memory.set(columns);
  const size = toRows(memory, start);
  assert.ok(size <= most);
  assert.ok(memory.subarray(start + most).every((byte) => byte === GUARD));
  assert.deepEqual(memory.subarray(0, start), columns);
  return size === 0 ? undefined : memory.slice(start, start + size);
}

const FRUIT: readonly Entry[] = [
  { key: text('apple'), sequence: 2 ** 53 - 1, value: text('red') },
  { key: text('apple'), sequence: 258, value: undefined },
  { key: text('apricot'), sequence: 3, value: text('') },
  { key: text('banana'), sequence: 0, value: text('y') },
];

/** Written by hand from docs/formats.md. */
const FRUIT_COLUMNS = `
  00000000 00000000 00000000 00000000 00000000  1f000000 ff000000 ff000000 ff000000
  00050200 05000506 03000001 01020101           ff000000 ff010000 ff020300
  6170706c65 7269636f74 62616e616e61            726564 79  0400`;

const entry: fc.Arbitrary<Entry> = fc.record({
  key: fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.uint8Array({ minLength: 280, maxLength: 300 })),
  sequence: fc.oneof(fc.nat(1000), fc.maxSafeNat()),
  value: fc.option(
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.integer({ min: 0, max: 70_000 }).map((length) => new Uint8Array(length).fill(7)),
    ),
    { nil: undefined },
  ),
});

describe('the columns of a block', () => {
  it('have these bytes', () => {
    assert.equal(toHex(columnsOf(FRUIT).columns), toHex(fromHex(FRUIT_COLUMNS)));
  });

  it('give the rows back', () => {
    checkProperty(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 60 }), (entries) => {
        const block: Entry[] = [];
        let bytes = 0;
        for (const one of sorted(entries)) {
          if (bytes > 65_535) break;
          bytes += 16 + one.key.length + (one.value?.length ?? 0);
          block.push(one);
        }
        const { rows, columns } = columnsOf(block);
        assert.deepEqual(rowsOf(columns), rows);
      }),
    );
  });

  it('fit no other length and no other number of entries', () => {
    const { columns } = columnsOf(FRUIT);
    for (let length = 18; length < columns.length; length++) {
      assert.equal(rowsOf(columns.subarray(0, length)), undefined, `${length} bytes`);
    }
    for (let count = 0; count < 2 ** 16; count++) {
      if (count === FRUIT.length) continue;
      const lie = columns.slice();
      writeU16(lie, lie.length - 2, count);
      assert.equal(rowsOf(lie), undefined, `${count} entries`);
    }
  });

  it('fit nothing when a key or a value is said to be longer or shorter', () => {
    const { columns } = columnsOf(FRUIT);
    const lengths = [1, 2, 3, 4, 10, 11];
    for (const column of lengths) {
      for (let i = 0; i < FRUIT.length; i++) {
        for (const change of [1, 0x10, 0x80, 0xff]) {
          const lie = columns.slice();
          lie[column * FRUIT.length + i] ^= change;
          assert.equal(rowsOf(lie), undefined, `column ${column} of entry ${i} xor ${change}`);
        }
      }
    }
  });

  it('of an entry that could not start where it would are refused', () => {
    // 0 ... 65,519 are taken by the first value; the entry after the next starts at 65,536.
    const long = { key: text('a'), sequence: 1, value: new Uint8Array(65_535 - 17) };
    const { columns } = columnsOf([long, { key: text('b'), sequence: 1, value: undefined }]);
    assert.ok(rowsOf(columns) !== undefined);
    const longer = new Uint8Array(columns.length + 1);
    longer.set(columns.subarray(0, 34 + 2));
    longer.set(columns.subarray(34 + 2), 34 + 3);
    longer[11 * 2] += 1;
    assert.equal(rowsOf(longer), undefined);
  });

  it('of random bytes are refused, or rows in form', () => {
    checkProperty(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 200 }), fc.nat(4), (bytes, count) => {
        writeU16(bytes, bytes.length - 2, count);
        const rows = rowsOf(bytes);
        if (rows === undefined) return;
        assert.deepEqual(toColumnsOf(rows), bytes);
      }),
      500,
    );
  });
});
