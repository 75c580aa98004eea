import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LookupResult } from '../../src/cursor/cursor.ts';
import { compareInternal, MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import { tableKeyHash } from '../../src/sstable/bloom-filter.ts';
import type { Table } from '../../src/sstable/table.ts';
import type { TableCursorOptions } from '../../src/sstable/table-cursor.ts';
import { CODECS } from '../support/codecs.ts';
import { checkProperty } from '../support/property.ts';
import {
  buildTable,
  type Entry,
  lookup,
  memoryFileSystem,
  openTable,
  scanBackward,
  scanForward,
  showCursor,
  showEntry,
  sorted,
  text,
} from './support.ts';

/** Keys that are near each other: few letters, the extremes among them, many shared prefixes. */
const key = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.array(fc.constantFrom(0x00, 0x61, 0xff), { maxLength: 8 }).map((letters) => Uint8Array.from(letters)),
  fc
    .tuple(fc.constantFrom(20, 300, 3000), fc.uint8Array({ maxLength: 2 }))
    .map(([length, end]) => Uint8Array.from([...new Uint8Array(length).fill(0x61), ...end])),
);
const value = fc.oneof(
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 20 }),
  fc.constantFrom(100, 1000).map((length) => new Uint8Array(length).fill(7)),
);
const sequence = fc.oneof(fc.nat(30), fc.maxSafeNat());
const entry = fc.record({ key, sequence, value });
const manyVersions = fc
  .tuple(key, fc.integer({ min: 1, max: 60 }))
  .map(([shared, count]): Entry[] =>
    Array.from({ length: count }, (_, i) => ({ key: shared, sequence: 2 * i, value: text(`version ${i}`) })),
  );
const content = fc
  .tuple(fc.array(entry, { maxLength: 60 }), fc.array(manyVersions, { maxLength: 3 }))
  .map(([single, versions]) => sorted([...single, ...versions.flat()]))
  .filter((entries) => entries.length > 0);
const layout = fc.record({
  blockBytes: fc.constantFrom(1, 32, 64, 200, 1024, 4096),
  bloomBitsPerKey: fc.constantFrom(0, 1, 10),
  compression: fc.constantFrom(...CODECS),
});
const cacheBytes = fc.constantFrom(0, 1000, 2 ** 20);
const reading = fc.constantFrom<TableCursorOptions>(
  {},
  { fillCache: false },
  { readAheadBytes: 1 },
  { readAheadBytes: 500 },
  { readAheadBytes: 1 << 20 },
);

function indexOf(model: readonly Entry[], user: Uint8Array, at: number): number {
  const found = model.findIndex(
    (e) => compareInternal(e.key, 0, e.key.length, e.sequence, user, 0, user.length, at) >= 0,
  );
  return found === -1 ? model.length : found;
}

function modelGet(model: readonly Entry[], user: Uint8Array, at: number): string | undefined {
  const found = model[indexOf(model, user, at)];
  return found !== undefined && Buffer.compare(found.key, user) === 0 ? showEntry(found) : undefined;
}

function assertReadsLike(table: Table, model: readonly Entry[], options: TableCursorOptions): void {
  const shown = model.map(showEntry);
  const cursor = table.cursor(options);
  assert.deepEqual(scanForward(cursor), shown);
  assert.deepEqual(scanBackward(cursor), shown.toReversed());
  cursor.close();
}

describe('Table', () => {
  it('gives back every entry in order, forwards and backwards, however it is laid out and read', () => {
    checkProperty(
      fc.property(content, layout, cacheBytes, reading, (model, options, cache, how) => {
        const fs = memoryFileSystem();
        buildTable(fs, model, options);
        const table = openTable(fs, cache);
        assertReadsLike(table, model, how);
        assertReadsLike(table, model, how);
      }),
    );
  });

  it('finds the newest version that a reader may see, and nothing for a key that is not there', () => {
    checkProperty(
      fc.property(
        content,
        layout,
        cacheBytes,
        fc.array(fc.tuple(key, sequence)),
        (model, options, cache, others) => {
          const fs = memoryFileSystem();
          buildTable(fs, model, options);
          const table = openTable(fs, cache);
          for (const e of model) {
            for (const at of [e.sequence, e.sequence - 1, e.sequence + 1, 0, MAX_SEQUENCE]) {
              if (at < 0 || at > MAX_SEQUENCE) continue;
              assert.equal(lookup(table, e.key, at), modelGet(model, e.key, at));
            }
          }
          for (const [user, at] of others) assert.equal(lookup(table, user, at), modelGet(model, user, at));
        },
      ),
    );
  });

  it('seeks to the first entry at or after an internal key, and walks on from there in both directions', () => {
    const moves = fc.array(fc.oneof(fc.tuple(key, sequence), fc.constantFrom('next', 'prev', 'existing')), {
      maxLength: 40,
    });
    checkProperty(
      fc.property(content, layout, reading, moves, (model, options, how, steps) => {
        const fs = memoryFileSystem();
        buildTable(fs, model, options);
        const cursor = openTable(fs).cursor(how);
        let at = model.length;
        steps.forEach((step, i) => {
          if (step === 'next' || step === 'prev') {
            if (!cursor.valid) return;
            if (step === 'next') cursor.next();
            else cursor.prev();
            at += step === 'next' ? 1 : -1;
          } else {
            const { key: k, sequence: s } = model[i % model.length];
            const [user, sought] = step === 'existing' ? [k, s] : (step as [Uint8Array, number]);
            cursor.seek(user, 0, user.length, sought);
            at = indexOf(model, user, sought);
          }
          assert.equal(showCursor(cursor), showEntry(model[at]));
        });
      }),
    );
  });

  it('passes its own verification and reports what the builder reported', () => {
    checkProperty(
      fc.property(content, layout, (model, options) => {
        const fs = memoryFileSystem();
        const summary = buildTable(fs, model, options);
        const table = openTable(fs);
        const counts = table.verify();
        const keys = new Set(model.map((e) => Buffer.from(e.key).toString('hex')));
        const sequences = model.map((e) => e.sequence);
        assert.equal(summary.keyCount, keys.size);
        assert.equal(summary.tombstoneCount, model.filter((e) => e.value === undefined).length);
        assert.deepEqual(summary.smallest, model[0].key);
        assert.deepEqual(summary.largest, model[model.length - 1].key);
        assert.equal(summary.minSequence, Math.min(...sequences));
        assert.equal(summary.maxSequence, Math.max(...sequences));
        assert.equal(counts.entryCount, model.length);
        for (const [name, fact] of Object.entries(summary)) {
          assert.deepEqual(table.properties[name as keyof typeof summary], fact, name);
        }
      }),
    );
  });

  it('keeps an index of any height low, also when every separator has the greatest length', () => {
    const fs = memoryFileSystem();
    const prefix = new Uint8Array(65_534).fill(0x61);
    const model = Array.from({ length: 40 }, (_, i) => ({
      key: Uint8Array.from([...prefix, i]),
      sequence: i,
      value: text(`value ${i}`),
    }));
    buildTable(fs, model, { blockBytes: 64 });
    const table = openTable(fs);
    assert.equal(table.properties.indexHeight, 6);
    assertReadsLike(table, model, {});
    for (const e of model) assert.equal(lookup(table, e.key, MAX_SEQUENCE), showEntry(e));
    assert.equal(table.verify().dataBlocks, 40);
  });

  it('keeps a value that is larger than a block in a block of its own', () => {
    const fs = memoryFileSystem();
    const model = [
      { key: text('a'), sequence: 1, value: text('small') },
      { key: text('b'), sequence: 2, value: new Uint8Array(1_000_000).fill(3) },
      { key: text('c'), sequence: 3, value: text('small') },
    ];
    buildTable(fs, model);
    const table = openTable(fs);
    assert.equal(table.verify().dataBlocks, 3);
    assertReadsLike(table, model, {});
  });

  it('starts no entry past the first 65,535 bytes of a block, whatever the block size', () => {
    const fs = memoryFileSystem();
    const model = Array.from({ length: 300 }, (_, i) => ({
      key: text(`key ${String(i).padStart(4, '0')}`),
      sequence: i,
      value: new Uint8Array(1000).fill(i),
    }));
    buildTable(fs, model, { blockBytes: 2 ** 30 });
    const table = openTable(fs);
    assert.equal(table.verify().dataBlocks, 5);
    assertReadsLike(table, model, {});
  });

  it('leaves the result of a lookup that finds nothing as it was', () => {
    const fs = memoryFileSystem();
    buildTable(fs, [{ key: text('a'), sequence: 5, value: text('x') }]);
    const result = new LookupResult();
    const absent = text('b');
    assert.equal(openTable(fs).get(absent, 0, 1, 9, tableKeyHash(absent, 0, 1), result), false);
    assert.deepEqual(result, new LookupResult());
  });

  it('takes keys and values from the middle of larger arrays', () => {
    const fs = memoryFileSystem();
    buildTable(fs, [{ key: text('key'), sequence: 5, value: text('value') }]);
    const padded = text('__key__');
    const result = new LookupResult();
    const hash = tableKeyHash(padded, 2, 3);
    assert.equal(openTable(fs).get(padded, 2, 3, 9, hash, result), true);
    const cursor = openTable(fs).cursor();
    cursor.seek(padded, 2, 3, 9);
    assert.equal(cursor.valid, true);
  });

  it('asks its filter no more when all keys are there, until one is missing', () => {
    const entries = ['b', 'd'].map((name) => ({ key: text(name), sequence: 1, value: text('v') }));
    const fs = memoryFileSystem();
    buildTable(fs, entries);
    const table = openTable(fs);
    let asked = 0;
    const { filter } = table;
    table.filter = () => {
      asked += 1;
      return filter.call(table);
    };
    const found = (name: string): boolean => lookup(table, text(name), 1) !== undefined;
    const asksFor = (name: string): boolean => {
      const before = asked;
      found(name);
      return asked > before;
    };
    for (let i = 0; i < 1000; i++) assert.ok(asksFor('b'));
    assert.ok(!asksFor('b'));
    assert.ok(!found('c'), 'it is missing all the same');
    assert.ok(asksFor('d'));
    for (let i = 0; i < 999; i++) assert.ok(found('d'));
    assert.ok(!asksFor('d'));
    // What stands behind all keys is missing in another way.
    assert.ok(!found('e'));
    assert.ok(asksFor('d'));
  });
});
