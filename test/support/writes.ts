/** Writes as plain data, for tests that compare a database with a map. */
import type { MiniLsm } from '../../src/db/mini-lsm.ts';
import { WriteBatch } from '../../src/wal/write-batch.ts';

/** A write to a key, or with no value a deletion. */
export type Write = readonly [key: string, value: string | undefined];

/** One commit: by `put` or `delete`, or where there are several, as a batch. */
export function commit(db: MiniLsm, writes: readonly Write[], sync: boolean): void {
  const [[key, value]] = writes;
  if (writes.length > 1) db.write(batchOf(writes), { sync });
  else if (value === undefined) db.delete(key, { sync });
  else db.put(key, value, { sync });
}

export function batchOf(writes: Iterable<Write>): WriteBatch {
  const batch = new WriteBatch();
  fillBatch(batch, writes);
  return batch;
}

export function fillBatch(batch: WriteBatch, writes: Iterable<Write>): void {
  for (const [key, value] of writes) {
    if (value === undefined) batch.delete(key);
    else batch.put(key, value);
  }
}

/** What the writes make of the entries. */
export function applyWrites(entries: Map<string, string>, writes: Iterable<Write>): void {
  for (const [key, value] of writes) {
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }
}
