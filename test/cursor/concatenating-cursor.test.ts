import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConcatenatingCursor, findPart } from '../../src/cursor/concatenating-cursor.ts';
import { checkProperty } from '../support/property.ts';
import { ArrayCursor, type Version } from './array-cursor.ts';

const version = (byte: number): Version => ({
  key: new Uint8Array([byte]),
  sequence: byte + 1,
  kind: 1,
  value: new Uint8Array([byte]),
});

/** Ascending bytes, cut into parts. */
const runs = fc
  .uniqueArray(fc.nat(60), { maxLength: 20 })
  .chain((bytes) =>
    fc.tuple(
      fc.constant(bytes.sort((a, b) => a - b)),
      fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
    ),
  )
  .map(([bytes, cuts]) => {
    const parts: number[][] = [];
    for (const [at, byte] of bytes.entries()) {
      if (at === 0 || cuts[at]) parts.push([]);
      parts[parts.length - 1].push(byte);
    }
    return parts;
  });

function concatenate(parts: number[][]): {
  cursor: ConcatenatingCursor<Part, ArrayCursor>;
  opened: ArrayCursor[];
} {
  const opened: ArrayCursor[] = [];
  const cursor = new ConcatenatingCursor(parts.map(toPart), ({ bytes }) => {
    const part = new ArrayCursor(bytes.map(version));
    opened.push(part);
    return part;
  });
  return { cursor, opened };
}

interface Part {
  readonly bytes: number[];
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

function toPart(bytes: number[]): Part {
  const largest = new Uint8Array([bytes[bytes.length - 1]]);
  return { bytes, smallest: new Uint8Array([bytes[0]]), largest };
}

test('the parts of a run walk as one, in any direction', () => {
  const walks = fc.array(
    fc.oneof(fc.constantFrom('next', 'prev', 'first', 'last'), fc.integer({ min: 0, max: 61 })),
    { maxLength: 50 },
  );
  checkProperty(
    fc.property(runs, walks, (parts, walk) => {
      const { cursor, opened } = concatenate(parts);
      const whole = new ArrayCursor(parts.flat().map(version));
      for (const move of walk) {
        for (const each of [cursor, whole]) {
          if (typeof move === 'number') each.seek(new Uint8Array([move]), 0, 1, 1000);
          else if (move === 'first') each.seekToFirst();
          else if (move === 'last') each.seekToLast();
          else if (each.valid) each[move as 'next' | 'prev']();
        }
        assert.equal(cursor.valid, whole.valid);
        if (whole.valid) assert.equal(cursor.sequence, whole.sequence);
        assert.ok(opened.filter(({ closed }) => !closed).length <= 1, 'one part is open at a time');
      }
    }),
    300,
  );
});

test('closing it closes the part it stands in', () => {
  const { cursor, opened } = concatenate([[1], [2]]);
  cursor.seekToLast();
  cursor.close();
  assert.ok(opened.length > 0 && opened.every(({ closed }) => closed));
});

test('findPart finds the first part whose end is not below the key', () => {
  const parts = [toPart([1, 3]), toPart([5, 7])];
  const find = (byte: number): number => findPart(parts, new Uint8Array([byte]), 0, 1);
  assert.deepEqual([0, 1, 3, 4, 7, 8].map(find), [0, 0, 0, 1, 1, 2]);
});
