/**
 * What the engine knows of a table without opening it. Plain data: it crosses threads and lies in the
 * manifest. `smallest` and `largest` are user keys that the table holds; sequence numbers never take part
 * in a comparison of ranges.
 */
import { compareKeys } from '../bytes/compare.ts';
import { MAX_KEY_BYTES, MAX_SEQUENCE } from '../keys/internal-key.ts';
import { mostEntries } from '../sstable/format.ts';
import type { TableSummary } from '../sstable/table-summary.ts';

/** A table of a Version. */
export interface TableMeta extends TableSummary {
  /** Place in L0: the table with the greater epoch is newer. 0 in every other level. */
  readonly epoch: number;
}

/** The user keys between two bounds, both included. */
export interface UserKeyRange {
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

/** A table's place in L0, from the summary that its builder returned. */
export function withEpoch(table: TableSummary, epoch: number): TableMeta {
  return { ...table, epoch };
}

/** Whether two ranges have a user key in common; ranges that touch in one key do. */
export function rangesOverlap(a: UserKeyRange, b: UserKeyRange): boolean {
  return compareKeys(a.smallest, b.largest) <= 0 && compareKeys(b.smallest, a.largest) <= 0;
}

/** The least range that holds them all, or undefined for none. */
export function hullOf(ranges: readonly UserKeyRange[]): UserKeyRange | undefined {
  if (ranges.length === 0) return undefined;
  let { smallest, largest } = ranges[0];
  for (const range of ranges) {
    if (compareKeys(range.smallest, smallest) < 0) smallest = range.smallest;
    if (compareKeys(range.largest, largest) > 0) largest = range.largest;
  }
  return { smallest, largest };
}

/** Bytes of all these files. */
export function totalBytes(tables: readonly TableMeta[]): number {
  let bytes = 0;
  for (const table of tables) bytes += table.fileBytes;
  return bytes;
}

/** What is wrong with a table's own figures, or undefined if nothing is. */
export function tableFault(table: TableMeta): string | undefined {
  const { fileNumber, fileBytes, entryCount, tombstoneCount, keyCount, dataBytes, epoch } = table;
  const numbers = [fileNumber, fileBytes, entryCount, tombstoneCount, keyCount, dataBytes, epoch];
  if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return 'a count out of range';
  if (fileNumber === 0) return 'file number 0';
  if (fileBytes === 0 || entryCount === 0 || keyCount === 0) return 'an empty table';
  if (keyCount > entryCount || tombstoneCount > entryCount) return 'counts that contradict each other';
  if (entryCount > mostEntries(fileBytes)) return 'more entries than its file can hold';
  if (!Number.isSafeInteger(table.minSequence) || !Number.isSafeInteger(table.maxSequence)) {
    return 'a sequence number out of range';
  }
  if (table.minSequence < 0 || table.minSequence > table.maxSequence || table.maxSequence > MAX_SEQUENCE) {
    return 'an impossible range of sequence numbers';
  }
  if (table.smallest.length > MAX_KEY_BYTES || table.largest.length > MAX_KEY_BYTES) {
    return 'a key over its limit';
  }
  if (compareKeys(table.smallest, table.largest) > 0) return 'its smallest key above its largest';
  return undefined;
}
