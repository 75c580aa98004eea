/** Walks over merged tables and memtables, which look ahead in stretches, beside a sorted array. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../src/bytes/compare.ts';
import { ConcatenatingCursor } from '../../src/cursor/concatenating-cursor.ts';
import type { Cursor } from '../../src/cursor/cursor.ts';
import { MergingCursor } from '../../src/cursor/merging-cursor.ts';
import { Stretch } from '../../src/cursor/stretch.ts';
import { VisibleCursor } from '../../src/cursor/visible-cursor.ts';
import { KIND_DELETE, KIND_PUT } from '../../src/keys/internal-key.ts';
import type { Bound } from '../../src/keys/key-range.ts';
import { isAbove, isBelow } from '../../src/keys/key-range.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import { checkProperty } from '../support/property.ts';
import {
  buildTable,
  DATABASE_ID,
  type Entry,
  memoryFileSystem,
  openTable,
  sorted,
  tableCache,
  text,
} from './support.ts';

/** Ends of some keys, bytes: a stretch has room for two of the neighbours, and for none of the last. */
const LONG: Readonly<Record<number, number>> = { 3: 1500, 4: 1500, 5: 1500, 6: 1500, 14: 5000 };

/** The same keys come again and again, some are long, and most have a long prefix in common. */
const keyOf = (at: number): Uint8Array =>
  text(
    `${at % 7 === 0 ? 'other' : 'common prefix'} ${String(at).padStart(3, '0')}${'-'.repeat(LONG[at % 50] ?? 0)}`,
  );

interface Write {
  readonly at: number;
  readonly deletes: boolean;
  readonly source: number;
  readonly bytes: number;
}

const writes: fc.Arbitrary<Write[]> = fc.array(
  fc.record({
    at: fc.nat(200),
    deletes: fc.nat(5).map((n) => n === 0),
    source: fc.nat(3),
    bytes: fc.oneof({ weight: 20, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(5000) }),
  }),
  { minLength: 100, maxLength: 400, size: 'max' },
);

const bounds: fc.Arbitrary<Bound | undefined> = fc.option(
  fc.record({ key: fc.nat(200).map(keyOf), inclusive: fc.boolean() }),
  { nil: undefined },
);

type Leg =
  | { readonly to: 'first' | 'last' }
  | { readonly to: 'seek' | 'seekBack'; readonly key: Uint8Array }
  | { readonly to: 'next' | 'prev'; readonly steps: number };

const legs: fc.Arbitrary<Leg[]> = fc.array(
  fc.oneof(
    fc.record({ to: fc.constantFrom<('next' | 'prev')[]>('next', 'prev'), steps: fc.nat(90) }),
    fc.record({ to: fc.constantFrom<('first' | 'last')[]>('first', 'last') }),
    fc.record({
      to: fc.constantFrom<('seek' | 'seekBack')[]>('seek', 'seekBack'),
      key: fc.nat(200).map(keyOf),
    }),
  ),
  { minLength: 4, maxLength: 14 },
);

/** A table, two tables one after the other, a memtable, and a table with large blocks. */
function sourcesOf(all: readonly Entry[], sourceOf: (entry: Entry) => number): Cursor[] {
  const fs = memoryFileSystem();
  const cache = tableCache(fs);
  let fileNumber = 10;
  const table = (entries: readonly Entry[], blockBytes: number): Cursor => {
    fileNumber += 1;
    const { fileBytes } = buildTable(fs, entries, { blockBytes }, { databaseId: DATABASE_ID, fileNumber });
    return cache.table(fileNumber, fileBytes).cursor();
  };
  const parts = [0, 1, 2, 3].map((source) => all.filter((entry) => sourceOf(entry) === source));
  const cursors: Cursor[] = [];
  if (parts[0].length > 0) cursors.push(table(parts[0], 1024));
  const cut = parts[1].findIndex(({ key }) => compareKeys(key, keyOf(100)) > 0);
  const run = cut <= 0 ? [parts[1]] : [parts[1].slice(0, cut), parts[1].slice(cut)];
  if (parts[1].length > 0) {
    const tables = run.map((entries) => ({
      smallest: entries[0].key,
      largest: entries[entries.length - 1].key,
      entries,
    }));
    cursors.push(new ConcatenatingCursor(tables, ({ entries }) => table(entries, 512)));
  }
  const memtable = MemTable.create(2 ** 22);
  for (const { key, sequence, value } of parts[2]) {
    const kind = value === undefined ? KIND_DELETE : KIND_PUT;
    memtable.add(sequence, kind, key, 0, key.length, value ?? key, 0, value?.length ?? 0);
  }
  cursors.push(memtable.cursor());
  if (parts[3].length > 0) cursors.push(table(parts[3], 8192));
  return cursors;
}

function show(key: Uint8Array, value: Uint8Array): string {
  return `${Buffer.from(key).toString()}=${value.length}:${value.length === 0 ? '' : value[0]}`;
}

test('long walks show what the snapshot sees, both ways and from wherever they turn', () => {
  checkProperty(
    fc.property(
      writes,
      fc.oneof(fc.nat(400), fc.constant(400)),
      bounds,
      bounds,
      legs,
      fc.nat(7),
      (given, snapshot, lower, upper, walk, alone) => {
        const all = sorted(
          given.map(({ at, deletes, bytes }, index) => ({
            key: keyOf(at),
            sequence: index + 1,
            value: deletes ? undefined : new Uint8Array(bytes).fill(index),
          })),
        );
        const range = { lower, upper };
        const newest = new Map<string, Entry>();
        for (const entry of all) {
          const name = entry.key.join();
          if (entry.sequence <= snapshot && !newest.has(name)) newest.set(name, entry);
        }
        const model: { key: Uint8Array; shown: string }[] = [];
        for (const { key, value } of newest.values()) {
          if (value === undefined || isBelow(range, key, 0, key.length) || isAbove(range, key, 0, key.length))
            continue;
          model.push({ key, shown: show(key, value) });
        }
        const sources = sourcesOf(all, ({ sequence }) => (alone < 4 ? alone : given[sequence - 1].source));
        const cursor = new VisibleCursor(new MergingCursor(sources), snapshot, range);
        let at = -1;
        const check = (): void => {
          assert.equal(cursor.valid, at >= 0 && at < model.length);
          if (!cursor.valid) return;
          const key = cursor.key.slice(cursor.keyStart, cursor.keyStart + cursor.keyLength);
          const value = cursor.value.slice(cursor.valueStart, cursor.valueStart + cursor.valueLength);
          assert.equal(show(key, value), model[at].shown);
        };
        for (const leg of walk) {
          if ('steps' in leg) {
            for (let step = 0; step < leg.steps && at >= 0 && at < model.length; step++) {
              at += leg.to === 'next' ? 1 : -1;
              cursor[leg.to]();
              check();
            }
          } else if ('key' in leg) {
            if (leg.to === 'seek') at = model.findIndex(({ key }) => compareKeys(key, leg.key) >= 0);
            else at = model.findLastIndex(({ key }) => compareKeys(key, leg.key) <= 0);
            cursor[leg.to](leg.key, 0, leg.key.length);
          } else {
            at = leg.to === 'first' ? 0 : model.length - 1;
            cursor[leg.to]();
          }
          check();
        }
        cursor.close();
      },
    ),
    200,
  );
});

test('a table cursor that stands nowhere describes no stretch', () => {
  const fs = memoryFileSystem();
  buildTable(fs, [{ key: text('k'), sequence: 1, value: text('v') }]);
  const cursor = openTable(fs).cursor();
  const stretch = new Stretch();
  stretch.count = 1;
  cursor.ahead(stretch, true, 10, undefined);
  assert.equal(stretch.count, 0);
  cursor.seekToFirst();
  cursor.ahead(stretch, true, 10, undefined);
  assert.equal(stretch.count, 1);
  cursor.next();
  cursor.ahead(stretch, false, 10, undefined);
  assert.equal(stretch.count, 0);
  cursor.close();
});
