import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareInternal, MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import { shortestSeparator } from '../../src/sstable/separator.ts';
import { checkProperty } from '../support/property.ts';
import { type Entry, sorted, text } from './support.ts';

function separate(last: Uint8Array, first: Uint8Array, sequence: number) {
  return shortestSeparator(last, last.length, first, 0, first.length, sequence);
}

describe('shortestSeparator', () => {
  it('is one byte longer than what the two keys have in common', () => {
    assert.deepEqual(separate(text('table'), text('tango dancer'), 9), { length: 3, sequence: MAX_SEQUENCE });
    assert.deepEqual(separate(text('tab'), text('table'), 9), { length: 4, sequence: MAX_SEQUENCE });
    assert.deepEqual(separate(text(''), text('z'), 9), { length: 1, sequence: MAX_SEQUENCE });
  });

  it('is the whole internal key between versions of one user key', () => {
    assert.deepEqual(separate(text('table'), text('table'), 9), { length: 5, sequence: 9 });
    assert.deepEqual(separate(text(''), text(''), 9), { length: 0, sequence: 9 });
  });

  it('sorts after the last key of the left block and not after the first of the right one', () => {
    const key = fc
      .array(fc.constantFrom(0, 1, 255), { maxLength: 4 })
      .map((letters) => Uint8Array.from(letters));
    const entry = fc.record({ key, sequence: fc.nat(3), value: fc.constant(undefined) });
    checkProperty(
      fc.property(entry, entry, (a, b) => {
        const [last, first]: (Entry | undefined)[] = sorted([a, b]);
        if (last === undefined || first === undefined) return;
        const { length, sequence } = separate(last.key, first.key, first.sequence);
        const compare = (other: Entry): number =>
          compareInternal(first.key, 0, length, sequence, other.key, 0, other.key.length, other.sequence);
        assert.ok(compare(last) > 0);
        assert.ok(compare(first) <= 0);
      }),
      500,
    );
  });
});
