/** The merge of sorted runs: entries of which each comes from another run, and runs that lie one after the other. */
import { MergingCursor } from '../../../src/cursor/merging-cursor.ts';
import { KIND_PUT } from '../../../src/keys/internal-key.ts';
import { MemTable } from '../../../src/memtable/mem-table.ts';
import { exactly, type MicroCase } from './case.ts';
import { keysFrom, shuffled, valueFor } from './entries.ts';

const ENTRIES = 20_000;
const SEEKS = 2_000;
const MEMTABLE_BYTES: number = 8 * 1024 * 1024;

/** To which run an entry belongs. */
type Dealing = (entry: number, runs: number) => number;

const inTurn: Dealing = (entry, runs) => entry % runs;
const oneAfterTheOther: Dealing = (entry, runs) => Math.floor((entry * runs) / ENTRIES);

export const MERGING_CURSOR_CASES: readonly MicroCase[] = [
  walk('walk, an entry, 2 runs in turn', 2, inTurn),
  walk('walk, an entry, 8 runs in turn', 8, inTurn),
  walk('walk, an entry, 8 runs one after the other', 8, oneAfterTheOther),
  {
    piece: 'merging cursor',
    work: 'seek, 8 runs in turn',
    operations: SEEKS,
    isRight: exactly(SEEKS),
    prepare() {
      const cursor = merge(8, inTurn);
      const wanted = shuffled(keysFrom(0, ENTRIES)).slice(0, SEEKS);
      return () => {
        let found = 0;
        for (const key of wanted) {
          cursor.seek(key, 0, key.length, Number.MAX_SAFE_INTEGER);
          if (cursor.valid) found++;
        }
        return found;
      };
    },
  },
];

function walk(work: string, runs: number, dealing: Dealing): MicroCase {
  return {
    piece: 'merging cursor',
    work,
    operations: ENTRIES,
    isRight: exactly(ENTRIES),
    prepare() {
      const cursor = merge(runs, dealing);
      return () => {
        let count = 0;
        for (cursor.seekToFirst(); cursor.valid; cursor.next()) count++;
        return count;
      };
    },
  };
}

function merge(runs: number, dealing: Dealing): MergingCursor {
  const tables = Array.from({ length: runs }, () => MemTable.create(MEMTABLE_BYTES));
  const value = valueFor(0);
  for (const [entry, key] of keysFrom(0, ENTRIES).entries()) {
    tables[dealing(entry, runs)].add(entry + 1, KIND_PUT, key, 0, key.length, value, 0, value.length);
  }
  return new MergingCursor(tables.map((table) => table.cursor()));
}
