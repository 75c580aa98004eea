/** Whole tables: opened, walked, searched, verified, and salvaged. */
import { checksumAt, fileSeed } from '../../../../src/bytes/checksum.ts';
import { compareBytes } from '../../../../src/bytes/compare.ts';
import { readU32, readU64, writeU32 } from '../../../../src/bytes/integers.ts';
import { BlockCache } from '../../../../src/cache/block-cache.ts';
import { LookupResult } from '../../../../src/cursor/cursor.ts';
import { corruption } from '../../../../src/errors.ts';
import { compareInternal, MAX_SEQUENCE } from '../../../../src/keys/internal-key.ts';
import type { BlockCursor } from '../../../../src/sstable/block-cursor.ts';
import { decodeBlock } from '../../../../src/sstable/block-decoder.ts';
import { BlockFrames } from '../../../../src/sstable/block-frames.ts';
import { BlockMemory } from '../../../../src/sstable/block-memory.ts';
import { tableKeyHash } from '../../../../src/sstable/bloom-filter.ts';
import { FOOTER_BYTES } from '../../../../src/sstable/format.ts';
import type { TableFile } from '../../../../src/sstable/section-reader.ts';
import { readTableIdentity } from '../../../../src/sstable/section-reader.ts';
import { Table } from '../../../../src/sstable/table.ts';
import { TableBuilder, type TableOptions } from '../../../../src/sstable/table-builder.ts';
import { TableMapping } from '../../../../src/sstable/table-mapping.ts';
import type { CachedBlock } from '../../../../src/sstable/table-reader.ts';
import { isDamage, salvageTable } from '../../../../src/sstable/table-salvager.ts';
import { addEntry, type Entry } from '../../../sstable/support.ts';
import { SECRET, type Target } from '../target.ts';
import { entry, IDENTITY, mendFooter, type Shown, shownBy } from './blocks.ts';
import { check, checkSameBytes } from './checks.ts';
import { DIRECTORY, written } from './disk.ts';

const NAME = '000007.sst';
const PATH = `${DIRECTORY}/${NAME}`;
const SEED = fileSeed(IDENTITY.databaseId, IDENTITY.fileNumber);

function tableBytes(entries: readonly Entry[], options: Partial<TableOptions>): Uint8Array {
  const [bytes] = written((fs) => {
    const all = { blockBytes: 64, bloomBitsPerKey: 10, compression: 'none', ...options } as const;
    const builder = new TableBuilder(fs, PATH, IDENTITY, all);
    for (const one of entries) addEntry(builder, one);
    builder.finish();
  }, NAME);
  return bytes;
}

/** Of several levels of index, with versions that go over the end of a block, packed and not. */
function seeds(): Uint8Array[] {
  const many = Array.from({ length: 14 }, (_, i) =>
    entry(`${SECRET}${i + 10}`, i, i % 5 === 1 ? undefined : SECRET),
  );
  const versions = Array.from({ length: 8 }, (_, i) => entry(`${SECRET}v`, 20 - i, SECRET.repeat(6)));
  return [
    tableBytes(many.slice(0, 2), { blockBytes: 4096, bloomBitsPerKey: 0 }),
    tableBytes([...many, ...versions], {}),
    tableBytes([...many.slice(0, 5), ...versions], { compression: 'lz4', blockBytes: 200 }),
  ];
}

/** Makes the checksums of the footer and of every section right that it leads to. */
export function mendTable(bytes: Uint8Array): void {
  const footer = bytes.length - FOOTER_BYTES;
  if (footer < 0) return;
  const handle = (at: number): [number, number] => [
    readU64(bytes, footer + at),
    readU32(bytes, footer + at + 8),
  ];
  mendBlocks(bytes, ...handle(0), Math.min(readU32(bytes, footer + 36), 8), { left: 64 });
  for (const at of [12, 24]) mendSection(bytes, ...handle(at));
  mendFooter(bytes, footer, footer);
}

/** A block and what it leads to, as long as `budget` lasts. */
function mendBlocks(
  bytes: Uint8Array,
  offset: number,
  length: number,
  level: number,
  budget: { left: number },
): void {
  if (!mendSection(bytes, offset, length) || level === 0 || budget.left-- <= 0) return;
  try {
    const block = decodeBlock(bytes.subarray(offset, offset + length), 'index', PATH, offset);
    for (let i = 0; i < block.count; i++) {
      mendBlocks(bytes, block.childOffset(i), block.childLength(i), level - 1, budget);
    }
  } catch {
    // No block: it leads nowhere.
  }
}

function mendSection(bytes: Uint8Array, offset: number, length: number): boolean {
  if (!(length > 5 && offset + length <= bytes.length)) return false;
  const end = offset + length - 4;
  writeU32(bytes, end, checksumAt(SEED, offset, bytes, offset, length - 4));
  return true;
}

function fileOf(bytes: Uint8Array): TableFile {
  return {
    path: PATH,
    size: bytes.length,
    read(into, start, length, position) {
      if (position + length > bytes.length) throw corruption(PATH, bytes.length, 'the file ends here');
      into.set(bytes.subarray(position, position + length), start);
    },
  };
}

function openTable(bytes: Uint8Array, cacheBytes: number, mapping?: TableMapping): Table {
  const cache = new BlockCache<CachedBlock>(cacheBytes, 1);
  const frames = new BlockFrames(64, cacheBytes);
  return new Table(fileOf(bytes), IDENTITY, cache, new BlockMemory(), frames, mapping);
}

function walk(table: Table, backward: boolean, readAheadBytes: number): Shown[] {
  const cursor = table.cursor({ readAheadBytes }) as BlockCursor;
  const entries: Shown[] = [];
  if (backward) for (cursor.seekToLast(); cursor.valid; cursor.prev()) entries.push(shownBy(cursor));
  else for (cursor.seekToFirst(); cursor.valid; cursor.next()) entries.push(shownBy(cursor));
  cursor.close();
  return backward ? entries.reverse() : entries;
}

function checkSameEntries(found: readonly Shown[], expected: readonly Shown[]): void {
  check(found.length === expected.length, 'every way through a table shows as many entries');
  for (const [i, one] of found.entries()) {
    checkSameBytes(one.key, expected[i].key, 'a key');
    checkSameBytes(one.value, expected[i].value, 'a value');
    check(one.sequence === expected[i].sequence && one.kind === expected[i].kind, 'an entry is the same');
  }
}

/** Every entry of a table in which everything is right is found by its key, at its sequence and at the newest. */
function checkLookups(table: Table, entries: readonly Shown[]): void {
  const result = new LookupResult();
  for (const [i, { key, sequence, value }] of entries.entries()) {
    const hash = tableKeyHash(key, 0, key.length);
    check(table.get(key, 0, key.length, sequence, hash, result), 'a lookup finds a key that a walk shows');
    check(result.sequence === sequence, 'a lookup finds the version that was asked for');
    const found = result.value.subarray(result.valueStart, result.valueStart + result.valueLength);
    checkSameBytes(found, value, 'the value that a lookup finds');
    const before = entries[i - 1]?.key;
    const isNewest = before === undefined || compareBytes(before, 0, before.length, key, 0, key.length) !== 0;
    if (!isNewest) continue;
    check(table.get(key, 0, key.length, MAX_SEQUENCE, hash, result), 'a lookup finds the newest version');
    check(result.sequence === sequence, 'the newest version stands first');
  }
}

const MEMORY = { base: 256 * 1024, perByte: 512 };
const STEPS = { base: 40_000, perByte: 400 };

const table: Target = {
  name: 'table',
  covers: ['src/sstable/'],
  seeds,
  mend: mendTable,
  memory: MEMORY,
  steps: STEPS,
  firstSession: 25_000,
  run(bytes) {
    readTableIdentity(fileOf(bytes));
    const cached = openTable(bytes, 32_768);
    const entries = walk(cached, false, 0);
    checkSameEntries(walk(openTable(bytes, 0), true, 300), entries);
    const { key, sequence } = entries[entries.length >> 1];
    const cursor = cached.cursor();
    cursor.seek(key, 0, key.length, sequence);
    cursor.close();
    const counts = cached.verify();
    check(counts.entryCount === entries.length, 'a verified table shows every entry that it has');
    checkLookups(cached, entries);
  },
};

const mapped: Target = {
  name: 'mapped table',
  covers: ['src/sstable/table-mapping', 'src/sstable/table-reader', 'src/sstable/section-reader'],
  seeds,
  mend: mendTable,
  memory: MEMORY,
  steps: STEPS,
  firstSession: 10_000,
  run(bytes) {
    const through = openTable(bytes, 0, new TableMapping({ bytes, unmap: () => {} }));
    const entries = walk(through, false, 0);
    checkSameEntries(walk(through, true, 0), entries);
    checkSameEntries(walk(openTable(bytes, 0), false, 0), entries);
    through.verify();
    checkLookups(through, entries);
  },
};

const salvager: Target = {
  name: 'table salvager',
  covers: ['src/sstable/table-salvager', 'src/sstable/section-reader', 'src/sstable/block-decoder'],
  seeds,
  mend: mendTable,
  memory: MEMORY,
  steps: STEPS,
  firstSession: 50_000,
  run(bytes) {
    const file = fileOf(bytes);
    let damages = 0;
    const entries: Shown[] = [];
    salvageTable(
      file,
      IDENTITY,
      (cursor) => entries.push(shownBy(cursor as BlockCursor)),
      (damage) => {
        check(isDamage(damage), 'only damage is told of');
        damages++;
      },
    );
    for (let i = 1; i < entries.length; i++) {
      const [a, b] = [entries[i - 1], entries[i]];
      const order = compareInternal(a.key, 0, a.key.length, a.sequence, b.key, 0, b.key.length, b.sequence);
      check(order < 0, 'what is salvaged comes in order');
    }
    check(damages > 0 || entries.length > 0, 'a table without entries is damaged');
    const opened = openTable(bytes, 0);
    opened.verify();
    check(damages === 0, 'nothing is left out of a table that is verified');
    checkSameEntries(entries, walk(opened, false, 0));
  },
};

export const TABLE_TARGETS: readonly Target[] = [table, mapped, salvager];
