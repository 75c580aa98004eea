import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BlockCache } from '../../src/cache/block-cache.ts';
import { checkProperty } from '../support/property.ts';

interface Named {
  readonly name: string;
}

function named(name: string): Named {
  return { name };
}

describe('BlockCache', () => {
  it('returns the block that was set for a file and an offset, and nothing for another place', () => {
    const cache = new BlockCache<Named>(1000);
    cache.set(1, 0, named('a'), 10);
    cache.set(1, 4096, named('b'), 10);
    cache.set(2, 0, named('c'), 10);
    assert.equal(cache.get(1, 0)?.name, 'a');
    assert.equal(cache.get(1, 4096)?.name, 'b');
    assert.equal(cache.get(2, 0)?.name, 'c');
    assert.equal(cache.get(2, 4096), undefined);
  });

  it('tells apart file numbers and offsets that differ only above 2^32', () => {
    const cache = new BlockCache<Named>(10_000);
    const places = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, 2 ** 53 - 1];
    for (const file of places) for (const at of places) cache.set(file, at, named(`${file}/${at}`), 1);
    for (const file of places) {
      for (const at of places) assert.equal(cache.get(file, at)?.name, `${file}/${at}`);
    }
    assert.equal(cache.stats().blocks, places.length ** 2);
  });

  it('replaces a block of the same place and counts its bytes once', () => {
    const cache = new BlockCache<Named>(1000);
    cache.set(1, 0, named('old'), 100);
    cache.set(1, 0, named('new'), 30);
    assert.equal(cache.get(1, 0)?.name, 'new');
    assert.deepEqual({ ...cache.stats() }, { hits: 1, misses: 0, bytes: 30, blocks: 1, capacityBytes: 1000 });
  });

  it('counts hits and misses', () => {
    const cache = new BlockCache<Named>(1000);
    const entry = cache.set(1, 0, named('a'), 10);
    cache.get(1, 0);
    cache.get(1, 1);
    cache.touch(entry);
    cache.touch(undefined);
    const { hits, misses } = cache.stats();
    assert.deepEqual([hits, misses], [2, 2]);
  });

  it('keeps nothing when its capacity is 0', () => {
    const cache = new BlockCache<Named>(0);
    assert.equal(cache.set(1, 0, named('a'), 1), undefined);
    assert.equal(cache.get(1, 0), undefined);
    assert.equal(cache.stats().bytes, 0);
  });

  it('does not keep a block larger than the share of a shard, and evicts nothing for it', () => {
    const cache = new BlockCache<Named>(400, 4);
    cache.set(1, 0, named('small'), 10);
    assert.equal(cache.set(1, 1, named('large'), 101), undefined);
    assert.equal(cache.get(1, 1), undefined);
    assert.equal(cache.get(1, 0)?.name, 'small');
    assert.equal(cache.largestCharge, 100);
  });

  it('drops an old block when a new one of the same place is too large to keep', () => {
    const cache = new BlockCache<Named>(100, 1);
    cache.set(1, 0, named('old'), 10);
    cache.set(1, 0, named('new'), 101);
    assert.equal(cache.get(1, 0), undefined);
    assert.equal(cache.stats().bytes, 0);
  });

  it('gives a block that was used a second chance before one that was not', () => {
    const cache = new BlockCache<Named>(30, 1);
    cache.set(1, 0, named('used'), 10);
    cache.set(1, 1, named('unused'), 10);
    cache.set(1, 2, named('unused too'), 10);
    cache.get(1, 0);
    cache.set(1, 3, named('new'), 10);
    assert.equal(cache.get(1, 0)?.name, 'used');
    assert.equal(cache.get(1, 1), undefined);
  });

  it('admits everything while there is room', () => {
    const cache = new BlockCache<Named>(100, 1);
    for (let at = 0; at < 10; at++) {
      assert.ok(cache.hasRoom(1, at, 10));
      assert.ok(cache.admits(1, at, 10));
      cache.set(1, at, named('a'), 10);
    }
    assert.equal(cache.hasRoom(1, 10, 10), false);
  });

  it('admits a block to a full cache when it is asked for a second time', () => {
    const cache = new BlockCache<Named>(100, 1);
    cache.set(1, 0, named('full'), 100);
    assert.equal(cache.admits(1, 1, 10), false);
    assert.equal(cache.admits(1, 2, 10), false);
    assert.equal(cache.admits(1, 1, 10), true);
    assert.equal(cache.admits(1, 1, 10), false, 'it was not set, so it starts over');
  });

  it('forgets in time what it refused', () => {
    const cache = new BlockCache<Named>(100, 1);
    cache.set(1, 0, named('full'), 100);
    cache.admits(1, 1, 10);
    for (let at = 2; at < 10_000; at++) cache.admits(1, at, 10);
    assert.equal(cache.admits(1, 1, 10), false);
  });

  it('never admits what is too large to be kept', () => {
    for (const cache of [new BlockCache<Named>(100, 1), new BlockCache<Named>(0)]) {
      for (let i = 0; i < 3; i++) assert.equal(cache.admits(1, 0, 101), false);
    }
  });

  it('gives a second chance to a block that its owner used past the cache', () => {
    const cache = new BlockCache<Named>(20, 1);
    const used = new Set(['a']);
    cache.attach({ removed: () => {}, takeUse: ({ name }) => used.delete(name) });
    cache.set(1, 0, named('a'), 10);
    cache.set(1, 1, named('b'), 10);
    cache.set(1, 2, named('c'), 10);
    assert.equal(cache.get(1, 0)?.name, 'a');
    assert.equal(cache.get(1, 1), undefined);
  });

  it('tells of every block that leaves', () => {
    const cache = new BlockCache<Named>(20, 1);
    const left: string[] = [];
    cache.attach({ removed: ({ name }) => void left.push(name), takeUse: () => false });
    cache.set(1, 0, named('evicted'), 10);
    cache.set(1, 1, named('replaced'), 10);
    cache.set(2, 2, named('of a removed file'), 10);
    cache.set(1, 1, named('cleared'), 10);
    cache.evictFile(2);
    cache.clear();
    assert.deepEqual(left, ['evicted', 'replaced', 'of a removed file', 'cleared']);
  });

  it('keeps a block in constant use while a long scan passes through', () => {
    const cache = new BlockCache<Named>(100, 1);
    const hot = cache.set(1, 0, named('hot'), 10);
    for (let at = 1; at < 1000; at++) {
      cache.set(2, at, named('scanned'), 10);
      assert.equal(cache.touch(hot)?.name, 'hot');
    }
  });

  it('shows an eviction to whoever kept the entry', () => {
    const cache = new BlockCache<Named>(10, 1);
    const entry = cache.set(1, 0, named('a'), 10);
    cache.set(1, 1, named('b'), 10);
    assert.equal(entry?.block, undefined);
    assert.equal(cache.touch(entry), undefined);
  });

  it('evicts all blocks of one file and no others', () => {
    const cache = new BlockCache<Named>(10_000);
    for (let at = 0; at < 100; at++) {
      cache.set(5, at, named('five'), 1);
      cache.set(2 ** 40 + 5, at, named('other'), 1);
    }
    cache.evictFile(5);
    for (let at = 0; at < 100; at++) {
      assert.equal(cache.get(5, at), undefined);
      assert.equal(cache.get(2 ** 40 + 5, at)?.name, 'other');
    }
    assert.equal(cache.stats().bytes, 100);
  });

  it('is empty after clear and works on', () => {
    const cache = new BlockCache<Named>(1000);
    for (let at = 0; at < 50; at++) cache.set(1, at, named('a'), 1);
    cache.clear();
    assert.equal(cache.stats().blocks, 0);
    cache.set(1, 7, named('again'), 1);
    assert.equal(cache.get(1, 7)?.name, 'again');
  });

  it('holds at most its capacity in bytes and only what was set, whatever happens to it', () => {
    const place = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 20 }));
    const step = fc.oneof(
      { weight: 10, arbitrary: fc.record({ do: fc.constant('set'), place, charge: fc.nat(60) }) },
      { weight: 10, arbitrary: fc.record({ do: fc.constant('get'), place, charge: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('evict'), place, charge: fc.constant(0) }) },
    );
    const steps = fc.array(step, { minLength: 1, maxLength: 300 });
    checkProperty(
      fc.property(
        steps,
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 5 }),
        (all, capacity, shards) => {
          const cache = new BlockCache<Named>(capacity, shards);
          const latest = new Map<string, { block: Named; charge: number }>();
          for (const {
            do: what,
            place: [file, offset],
            charge,
          } of all) {
            const name = `${file}/${offset}`;
            if (what === 'set') {
              const block = named(name);
              cache.set(file, offset, block, charge);
              latest.set(name, { block, charge });
            } else if (what === 'evict') {
              cache.evictFile(file);
              for (const at of latest.keys()) if (at.startsWith(`${file}/`)) latest.delete(at);
            } else {
              const found = cache.get(file, offset);
              if (found !== undefined) assert.equal(found, latest.get(name)?.block);
            }
            assert.ok(cache.stats().bytes <= capacity);
          }
          let held = 0;
          for (const [name, { charge }] of latest) {
            const [file, offset] = name.split('/').map(Number);
            if (cache.get(file, offset) !== undefined) held += charge;
          }
          assert.equal(cache.stats().bytes, held);
        },
      ),
      300,
    );
  });

  it('finds every block in a cache of many', () => {
    const cache = new BlockCache<Named>(1_000_000);
    for (let i = 0; i < 20_000; i++) cache.set(i % 7, i * 4099, named(`${i}`), 8);
    for (let i = 0; i < 20_000; i++) assert.equal(cache.get(i % 7, i * 4099)?.name, `${i}`);
  });
});
