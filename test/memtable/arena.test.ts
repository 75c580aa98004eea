import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ARENA_HEADER_BYTES, ARENA_HEADER_WORDS, Arena } from '../../src/memtable/arena.ts';
import { checkProperty } from '../support/property.ts';

describe('Arena', () => {
  it('allocates whole words one behind the other', () => {
    const arena = Arena.create(1024);
    assert.equal(arena.used, ARENA_HEADER_BYTES);
    assert.equal(arena.allocate(8), ARENA_HEADER_WORDS);
    assert.equal(arena.allocate(5), ARENA_HEADER_WORDS + 2);
    assert.equal(arena.allocate(4), ARENA_HEADER_WORDS + 4);
    assert.equal(arena.used, ARENA_HEADER_BYTES + 20);
  });

  it('gives out its last word and nothing beyond', () => {
    const arena = Arena.create(ARENA_HEADER_BYTES + 8);
    assert.equal(arena.fits(8), true);
    assert.equal(arena.fits(9), false);
    assert.equal(arena.allocate(9), 0);
    assert.equal(arena.allocate(8), ARENA_HEADER_WORDS);
    assert.equal(arena.allocate(1), 0);
    assert.equal(arena.used, arena.capacity);
  });

  it('leaves out the odd bytes of a capacity that is no multiple of a word', () => {
    const arena = Arena.create(ARENA_HEADER_BYTES + 7);
    assert.equal(arena.capacity, ARENA_HEADER_BYTES + 7);
    assert.equal(arena.fits(5), false);
    assert.equal(arena.allocate(4), ARENA_HEADER_WORDS);
    assert.equal(arena.allocate(1), 0);
  });

  it('refuses a request that is too large however often it is repeated', () => {
    const arena = Arena.create(256);
    const huge = 2 ** 31 - 1;
    for (let i = 0; i < 10; i++) assert.equal(arena.allocate(huge), 0);
    assert.equal(arena.used, ARENA_HEADER_BYTES);
  });

  it('shares its state with every object attached to the same memory', () => {
    const one = Arena.create(1024);
    const other = Arena.attach(one.buffer);
    const address = one.allocate(4);
    one.words[address] = 42;
    assert.equal(other.words[address], 42);
    assert.equal(other.used, one.used);
    assert.equal(other.allocate(4), address + 1);
  });

  it('takes everything back on reset, and begins another generation', () => {
    const arena = Arena.create(256);
    const generation = arena.generation;
    arena.allocate(100);
    arena.reset();
    assert.equal(arena.used, ARENA_HEADER_BYTES);
    assert.notEqual(arena.generation, generation);
    assert.equal(arena.allocate(100), ARENA_HEADER_WORDS);
  });

  it('refuses memory that it did not make', () => {
    const error = { code: 'LSM_INTERNAL' };
    assert.throws(() => Arena.attach(new ArrayBuffer(8)), error);
    assert.throws(() => Arena.attach(new ArrayBuffer(1024)), error);
    const copied = new ArrayBuffer(2048);
    new Uint8Array(copied).set(Arena.create(1024).bytes);
    assert.throws(() => Arena.attach(copied), error);
  });

  it('allocates at both ends at once, and both or neither', () => {
    const arena = Arena.create(ARENA_HEADER_BYTES + 40);
    assert.equal(arena.allocate(8, 5), ARENA_HEADER_WORDS);
    assert.equal(arena.back, ARENA_HEADER_WORDS + 8);
    assert.equal(arena.used, ARENA_HEADER_BYTES + 16);
    assert.equal(arena.allocate(12, 13), 0);
    assert.equal(arena.used, ARENA_HEADER_BYTES + 16);
    assert.equal(arena.allocate(12, 12), ARENA_HEADER_WORDS + 2);
    assert.equal(arena.back, ARENA_HEADER_WORDS + 5);
    assert.equal(arena.fits(1), false);
    arena.reset();
    assert.equal(arena.allocate(4, 4), ARENA_HEADER_WORDS);
    assert.equal(arena.back, ARENA_HEADER_WORDS + 9);
  });

  it('has no second address when nothing is asked for at the back', () => {
    const arena = Arena.create(256);
    arena.allocate(4, 4);
    arena.allocate(4);
    assert.equal(arena.back, 0);
  });

  it('gives out no word twice, whatever is asked for, until it is full', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(60)), { maxLength: 100 });
    checkProperty(
      fc.property(sizes, (requests) => {
        const objects = [Arena.create(2048)];
        objects.push(Arena.attach(objects[0].buffer));
        const given = new Set<number>();
        const claim = (address: number, bytes: number): void => {
          for (let word = address; word < address + Math.ceil(bytes / 4); word++) {
            assert.ok(word >= ARENA_HEADER_WORDS && word < objects[0].words.length && !given.has(word));
            given.add(word);
          }
        };
        requests.forEach(([front, back], turn) => {
          const arena = objects[turn % 2];
          const address = arena.allocate(front, back);
          if (address === 0) return;
          claim(address, front);
          if (back > 0) claim(arena.back, back);
        });
        assert.equal(objects[0].used, ARENA_HEADER_BYTES + 4 * given.size);
      }),
    );
  });

  it('keeps a tail behind its capacity that no allocation reaches', () => {
    const arena = Arena.create(ARENA_HEADER_BYTES + 7, 8);
    arena.tail.fill(-1);
    assert.equal(arena.allocate(4), ARENA_HEADER_WORDS);
    assert.equal(arena.allocate(1), 0);
    arena.bytes.fill(0, ARENA_HEADER_BYTES);
    assert.deepEqual([...Arena.attach(arena.buffer).tail], [-1, -1]);
  });

  it('refuses a size that cannot be', () => {
    for (const size of [-1, 0, ARENA_HEADER_BYTES - 1, 2 ** 31, 1000.5, Number.NaN]) {
      assert.throws(() => Arena.create(size), { code: 'LSM_INVALID_ARGUMENT' }, String(size));
    }
  });
});
