/** The filter of a table: questions that it answers with yes and with no, the hash of a key, and its making. */
import { BloomFilterBuilder, decodeBloomFilter, tableKeyHash } from '../../../src/sstable/bloom-filter.ts';
import { exactly, type MicroCase } from './case.ts';
import { KEY_BYTES, keysFrom, shuffled } from './entries.ts';

/** What a table of 2 MiB holds, at the default of ten bits a key. */
const KEYS = 17_000;
const BITS_PER_KEY = 10;

export const BLOOM_FILTER_CASES: readonly MicroCase[] = [
  {
    piece: 'bloom filter',
    work: 'ask for a key that is there',
    operations: KEYS,
    isRight: exactly(KEYS),
    prepare: () => asking(hashes(0)),
  },
  {
    piece: 'bloom filter',
    work: 'ask for a key that is not',
    operations: KEYS,
    // A yes is wrong for about one key in a hundred.
    isRight: (yes) => yes > 0 && yes < KEYS / 50,
    prepare: () => asking(hashes(1)),
  },
  {
    piece: 'bloom filter',
    work: 'make, a key',
    operations: KEYS,
    isRight: (length) => length > (KEYS * BITS_PER_KEY) / 8,
    prepare() {
      const all = hashes(0);
      return () => filterBytes(all).length;
    },
  },
  {
    piece: 'bloom filter',
    work: 'hash of a key',
    operations: KEYS,
    bytes: KEY_BYTES,
    // The hash is part of the format of tables.
    isRight: exactly(1_152_704_498),
    prepare() {
      const keys = keysFrom(0, KEYS);
      return () => sumOfHashes(keys);
    },
  },
];

/** Of the entries' keys, or from 1 on of those that lie between them. */
function hashes(first: 0 | 1): readonly number[] {
  return shuffled(keysFrom(first, KEYS)).map((key) => tableKeyHash(key, 0, key.length));
}

function asking(wanted: readonly number[]): () => number {
  const filter = decodeBloomFilter(filterBytes(hashes(0)), 'filter', 0);
  return () => {
    let yes = 0;
    for (const hash of wanted) if (filter.mayContain(hash)) yes++;
    return yes;
  };
}

function filterBytes(all: readonly number[]): Uint8Array {
  const builder = new BloomFilterBuilder(BITS_PER_KEY);
  for (const hash of all) builder.add(hash);
  return builder.finish(0, 0);
}

function sumOfHashes(keys: readonly Uint8Array[]): number {
  let sum = 0;
  for (const key of keys) sum = (sum + tableKeyHash(key, 0, key.length)) | 0;
  return sum;
}
