/** The skiplist under the memtable: insertion in either order, search, walk. */
import { KIND_PUT } from '../../../src/keys/internal-key.ts';
import { Arena } from '../../../src/memtable/arena.ts';
import { SkipList } from '../../../src/memtable/skip-list.ts';
import { exactly, type MicroCase } from './case.ts';
import { keysFrom, shuffled, valueFor } from './entries.ts';

/** About what a memtable of the default size holds. */
const ENTRIES = 40_000;
const ARENA_BYTES: number = 16 * 1024 * 1024;
const SEARCHES = 10_000;

export const SKIP_LIST_CASES: readonly MicroCase[] = [
  {
    piece: 'skiplist',
    work: 'insert, ascending',
    operations: ENTRIES,
    isRight: exactly(ENTRIES),
    prepare: () => filling(keysFrom(0, ENTRIES)),
  },
  {
    piece: 'skiplist',
    work: 'insert, random order',
    operations: ENTRIES,
    isRight: exactly(ENTRIES),
    prepare: () => filling(shuffled(keysFrom(0, ENTRIES))),
  },
  {
    piece: 'skiplist',
    work: 'search, random order',
    operations: SEARCHES,
    isRight: exactly(SEARCHES),
    prepare() {
      const keys = keysFrom(0, ENTRIES);
      const list = emptyList();
      fill(list, shuffled(keys));
      const wanted = shuffled(keys).slice(0, SEARCHES);
      return () => {
        let found = 0;
        for (const key of wanted) if (list.seek(key, 0, key.length, Number.MAX_SAFE_INTEGER) !== 0) found++;
        return found;
      };
    },
  },
  {
    piece: 'skiplist',
    work: 'walk, an entry',
    operations: ENTRIES,
    isRight: exactly(ENTRIES),
    prepare() {
      const list = emptyList();
      fill(list, shuffled(keysFrom(0, ENTRIES)));
      return () => {
        let count = 0;
        for (let node = list.first(); node !== 0; node = list.next(node)) count++;
        return count;
      };
    },
  },
];

function emptyList(): SkipList {
  return SkipList.create(Arena.create(ARENA_BYTES, 0));
}

function filling(keys: readonly Uint8Array[]): () => number {
  const list = emptyList();
  return () => {
    list.clear();
    fill(list, keys);
    return list.size;
  };
}

function fill(list: SkipList, keys: readonly Uint8Array[]): void {
  const value = valueFor(0);
  for (const [sequence, key] of keys.entries()) {
    list.insert(sequence + 1, KIND_PUT, key, 0, key.length, value, 0, value.length);
  }
}
