import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../src/bytes/compare.ts';
import { KeyEnds, KeyRuler, PLACE_BITS, RULER_DIGITS } from '../../src/keys/key-ruler.ts';
import { text } from '../sstable/support.ts';
import { checkProperty } from '../support/property.ts';

/** A ruler along keys that start with `prefix`. */
function rulerOf(prefix: Uint8Array, keys: readonly Uint8Array[]): KeyRuler {
  const ends = new KeyEnds(keys.length);
  for (const [i, key] of keys.entries()) {
    const end = key.subarray(prefix.length, prefix.length + RULER_DIGITS);
    ends.bytes.set(end, i * RULER_DIGITS);
    ends.lengths[i] = end.length;
  }
  return new KeyRuler(prefix, ends);
}

/** The last key that is not above the target, or 0. */
function lastUpTo(keys: readonly Uint8Array[], target: Uint8Array): number {
  return Math.max(
    0,
    keys.findLastIndex((key) => compareKeys(key, target) <= 0),
  );
}

/** What a place says agrees with what comparing the keys says. */
function checkPlace(ruler: KeyRuler, keys: readonly Uint8Array[], target: Uint8Array): void {
  const shifted = Uint8Array.from([9, 9, ...target]);
  const place = ruler.place(shifted, 2, target.length);
  const expected = lastUpTo(keys, target);
  if (place >= 0) {
    assert.equal(place >> PLACE_BITS, expected);
    return;
  }
  const last = ~place;
  const first = ruler.firstLike(last);
  assert.ok(0 <= first && first <= last && last < keys.length);
  assert.ok(Math.max(0, first - 1) <= expected && expected <= last);
}

const digits = (number: number): Uint8Array => text(String(number).padStart(10, '0'));

describe('KeyRuler', () => {
  it('knows the place of every key that is not one of its own, among keys of any bytes', () => {
    const letters = fc.constantFrom(0x00, 0x01, 0x30, 0x31, 0x32, 0x61, 0x80, 0xff);
    const end = fc.array(letters, { maxLength: 20 });
    const prefix = fc.constantFrom('', 'p', 'user/').map(text);
    checkProperty(
      fc.property(
        prefix,
        fc.array(end, { minLength: 1, maxLength: 60 }),
        fc.array(end),
        (start, ends, others) => {
          const whole = (rest: readonly number[]): Uint8Array => Uint8Array.from([...start, ...rest]);
          const keys = ends.map(whole).toSorted(compareKeys);
          const ruler = rulerOf(start, keys);
          for (const key of keys) checkPlace(ruler, keys, key);
          for (const other of others) {
            checkPlace(ruler, keys, whole(other));
            checkPlace(ruler, keys, Uint8Array.from(other));
          }
          checkPlace(ruler, keys, start.subarray(0, -1));
        },
      ),
    );
  });

  it('can tell all numbers apart that it has digits for', () => {
    const keys = Array.from({ length: 700 }, (_, i) => digits(66 * i));
    const ruler = rulerOf(text('00000'), keys);
    for (let number = 0; number < 66 * 700; number++) {
      const place = ruler.place(digits(number), 0, 10);
      if (number % 66 === 0) assert.equal(~place, number / 66);
      else assert.equal(place >> PLACE_BITS, Math.floor(number / 66));
    }
  });

  it('says how far the way to the next key has come', () => {
    const keys = Array.from({ length: 100 }, (_, i) => digits(1000 * i));
    const ruler = rulerOf(text('00000'), keys);
    const part = (number: number): number => ruler.place(digits(number), 0, 10) & 63;
    assert.deepEqual([part(5001), part(5250), part(5500), part(5999)], [0, 15, 31, 63]);
    assert.equal(part(99_500), 0, 'there is no next key');
  });

  it('puts a byte that no key has between those that some have', () => {
    const keys = ['ab', 'ad', 'cb', 'cd'].map((key) => text(key));
    const ruler = rulerOf(text(''), keys);
    for (const key of [
      '',
      'A',
      'a',
      'aa',
      'ac',
      'acz',
      'aczz',
      'ae',
      'b',
      'bz',
      'c',
      'ca',
      'cc',
      'ce',
      'd',
      'zz',
    ]) {
      checkPlace(ruler, keys, text(key));
    }
  });

  it('stays within its keys when they are not in order', () => {
    const keys = [50, 10, 90, 20, 70].map(digits);
    const ruler = rulerOf(text('0'), keys);
    for (let number = 0; number < 100; number++) {
      const place = ruler.place(digits(number), 0, 10);
      const last = place < 0 ? ~place : place >> PLACE_BITS;
      assert.ok(last >= 0 && last < keys.length);
      const first = ruler.firstLike(last);
      assert.ok(first >= 0 && first <= last);
    }
  });
});
