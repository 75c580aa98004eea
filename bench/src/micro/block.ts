/** A data block of 4 KiB: to search it, to walk over it, to check and decode it, to build it. */
import { KIND_PUT } from '../../../src/keys/internal-key.ts';
import { BlockBuilder } from '../../../src/sstable/block-builder.ts';
import { BlockCursor } from '../../../src/sstable/block-cursor.ts';
import { decodeBlock } from '../../../src/sstable/block-decoder.ts';
import { exactly, type MicroCase } from './case.ts';
import { keysFrom, shuffled, VALUE_BYTES, valueFor } from './entries.ts';

/** As many entries of 16 and 100 bytes as go into 4 KiB. */
const ENTRIES = 30;
const TIMES = 100;
const BLOCK_BYTES = 4096;
const KEYS: readonly Uint8Array[] = keysFrom(1_000_000, ENTRIES);

export const BLOCK_CASES: readonly MicroCase[] = [
  {
    piece: 'block',
    work: 'search',
    operations: ENTRIES * TIMES,
    isRight: exactly(sumBelow(ENTRIES) * TIMES),
    prepare: () => searching(false),
  },
  {
    piece: 'block',
    work: 'search, with the heads of its keys',
    operations: ENTRIES * TIMES,
    isRight: exactly(sumBelow(ENTRIES) * TIMES),
    prepare: () => searching(true),
  },
  {
    piece: 'block',
    work: 'walk, an entry',
    operations: ENTRIES * TIMES,
    isRight: exactly(ENTRIES * TIMES),
    prepare() {
      const cursor = new BlockCursor();
      cursor.attach(decodeBlock(buildBlock(new BlockBuilder()).slice(), 'data', 'block', 0));
      return () => {
        let count = 0;
        for (let time = 0; time < TIMES; time++) {
          for (cursor.seekToFirst(); cursor.valid; cursor.next()) count++;
        }
        return count;
      };
    },
  },
  {
    piece: 'block',
    work: 'decode, the checks included',
    operations: TIMES,
    isRight: exactly(ENTRIES * TIMES),
    prepare() {
      const bytes = buildBlock(new BlockBuilder()).slice();
      return () => {
        let count = 0;
        for (let time = 0; time < TIMES; time++) count += decodeBlock(bytes, 'data', 'block', 0).count;
        return count;
      };
    },
  },
  {
    piece: 'block',
    work: 'build, an entry, the checksum included',
    operations: ENTRIES * TIMES,
    isRight: (length) => length > ENTRIES * TIMES * VALUE_BYTES && length <= BLOCK_BYTES * TIMES,
    prepare() {
      const builder = new BlockBuilder();
      return () => {
        let length = 0;
        for (let time = 0; time < TIMES; time++) length += buildBlock(builder).length;
        return length;
      };
    },
  },
];

function searching(withHeads: boolean): () => number {
  const block = decodeBlock(buildBlock(new BlockBuilder()).slice(), 'data', 'block', 0);
  if (withHeads) block.addHeads(new Int32Array(block.count), 0, 0);
  const wanted = shuffled(KEYS);
  return () => {
    let sum = 0;
    for (let time = 0; time < TIMES; time++) {
      for (const key of wanted) sum += block.lowerBound(key, 0, key.length, 1);
    }
    return sum;
  };
}

/** Good until the builder's next block. */
function buildBlock(builder: BlockBuilder): Uint8Array {
  builder.clear();
  for (const [number, key] of KEYS.entries()) {
    const value = valueFor(number);
    const shared = builder.shared(key, 0, key.length);
    builder.add(key, 0, key.length, shared, 1, KIND_PUT, value, 0, value.length);
  }
  return builder.finish(0, 0);
}

function sumBelow(count: number): number {
  return (count * (count - 1)) / 2;
}
