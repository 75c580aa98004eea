import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keyHash } from '../../src/keys/key-hash.ts';
import { KeyFilter } from '../../src/memtable/key-filter.ts';

const CAPACITY = 1 << 20;
/** As many keys as a memtable of that capacity holds with values of 100 bytes. */
const KEYS = Math.floor(CAPACITY / 140);

function hashOf(name: string): number {
  const bytes = new TextEncoder().encode(name);
  return keyHash(bytes, 0, bytes.length);
}

function filterOf(capacity: number): KeyFilter {
  return new KeyFilter(new Int32Array(new SharedArrayBuffer(KeyFilter.bytesFor(capacity))));
}

describe('KeyFilter', () => {
  it('never denies a key that was added', () => {
    const filter = filterOf(CAPACITY);
    for (let i = 0; i < 10 * KEYS; i++) filter.add(hashOf(`k${i}`));
    for (let i = 0; i < 10 * KEYS; i++) assert.ok(filter.mayContain(hashOf(`k${i}`)), `k${i}`);
  });

  it('denies nearly all keys that were not added to a full memtable', () => {
    const filter = filterOf(CAPACITY);
    for (let i = 0; i < KEYS; i++) filter.add(hashOf(String(i).padStart(16, '0')));
    let passed = 0;
    for (let i = KEYS; i < 11 * KEYS; i++)
      if (filter.mayContain(hashOf(String(i).padStart(16, '0')))) passed++;
    assert.ok(passed < 0.06 * 10 * KEYS, `${passed} of ${10 * KEYS} passed`);
  });

  it('denies everything before a key is added and after it is cleared', () => {
    const filter = filterOf(CAPACITY);
    assert.equal(filter.mayContain(hashOf('a')), false);
    filter.add(hashOf('a'));
    filter.clear();
    assert.equal(filter.mayContain(hashOf('a')), false);
  });

  it('takes one part in 128 of the capacity, and a word at least', () => {
    assert.equal(KeyFilter.bytesFor(8 << 20), (8 << 20) / 128);
    assert.equal(KeyFilter.bytesFor(300), 4);
  });

  it('has a place for the hashes at both ends', () => {
    const filter = filterOf(300);
    for (const hash of [0, 0xffff_ffff]) {
      filter.add(hash);
      assert.ok(filter.mayContain(hash));
    }
  });
});
