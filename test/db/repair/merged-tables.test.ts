/** Merging tables in no order: the newest version of every key is left, however many runs there are at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockCache } from '../../../src/cache/block-cache.ts';
import type { JobEnvironment } from '../../../src/compaction/job.ts';
import { OutputTables } from '../../../src/compaction/output-tables.ts';
import { mergeTables } from '../../../src/db/repair/merged-tables.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { KIND_DELETE, KIND_PUT } from '../../../src/keys/internal-key.ts';
import { MemTable } from '../../../src/memtable/mem-table.ts';
import { TableCache } from '../../../src/sstable/table-cache.ts';
import type { TableSummary } from '../../../src/sstable/table-summary.ts';
import { tablePath } from '../../../src/version/file-names.ts';
import { checkProperty } from '../../support/property.ts';

const DIRECTORY = '/db';
const ID = new Uint8Array(16).fill(3);

interface Write {
  readonly key: number;
  readonly deleted: boolean;
  /** The tables that hold this version: more than one while the inputs of a compaction are still there. */
  readonly tables: readonly number[];
}

const write: fc.Arbitrary<Write> = fc.record({
  key: fc.nat(25),
  deleted: fc.boolean(),
  tables: fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 3 }),
});

function environment(): JobEnvironment {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(DIRECTORY);
  let number = 1;
  return {
    fs,
    directory: DIRECTORY,
    databaseId: ID,
    table: { blockBytes: 64, bloomBitsPerKey: 10, compression: 'none' },
    allocateFileNumber: () => number++,
    checkpoint: () => {},
  };
}

function tableOf(jobs: JobEnvironment, memtable: MemTable): TableSummary {
  const outputs = new OutputTables(jobs, 0);
  const cursor = memtable.cursor();
  for (cursor.seekToFirst(); cursor.valid; cursor.next()) outputs.add(cursor);
  cursor.close();
  return outputs.finish()[0];
}

function entriesOf(jobs: JobEnvironment, tables: readonly TableSummary[]): [number, number, number][] {
  const pathOf = (number: number): string => tablePath(DIRECTORY, number);
  const cache = new TableCache(jobs.fs, pathOf, ID, new BlockCache(0, 1), 4);
  const found: [number, number, number][] = [];
  for (const { fileNumber, fileBytes } of tables) {
    const table = cache.table(fileNumber, fileBytes);
    table.verify();
    const cursor = table.cursor();
    for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
      found.push([cursor.key[cursor.keyStart], cursor.sequence, cursor.kind]);
    }
    cursor.close();
  }
  cache.close();
  return found;
}

test('the newest version of every key that was not deleted is left, once, in the order of the keys', () => {
  const property = fc.property(
    fc.array(write, { minLength: 1, maxLength: 120 }),
    fc.constantFrom(2, 3, 64),
    fc.constantFrom(128, 4096),
    (writes, mostRuns, tableBytes) => {
      const jobs = environment();
      const memtables = new Map<number, MemTable>();
      const newest = new Map<number, [number, number, number]>();
      writes.forEach(({ key, deleted, tables }, at) => {
        const kind = deleted ? KIND_DELETE : KIND_PUT;
        const sequence = at + 1;
        const bytes = Uint8Array.of(key);
        const value = new Uint8Array(deleted ? 0 : 1 + (at % 30));
        newest.set(key, [key, sequence, kind]);
        for (const table of tables) {
          const memtable = memtables.get(table) ?? MemTable.create(64 * 1024);
          memtables.set(table, memtable);
          memtable.add(sequence, kind, bytes, 0, 1, value, 0, value.length);
        }
      });
      const inputs = [...memtables.values()].map((memtable) => tableOf(jobs, memtable));
      const merged = mergeTables(jobs, inputs, tableBytes, mostRuns);
      const expected = [...newest.values()].sort((a, b) => a[0] - b[0]);
      const found = entriesOf(jobs, merged);
      // A single table stays as it is, with all that is in it.
      if (inputs.length > 1 && merged.every((table) => !inputs.includes(table))) {
        assert.deepEqual(
          found,
          expected.filter(([, , kind]) => kind === KIND_PUT),
        );
      } else {
        const visible = found.filter(([key], i) => i === 0 || found[i - 1][0] !== key);
        assert.deepEqual(visible, expected);
      }
    },
  );
  checkProperty(property, 200);
});
