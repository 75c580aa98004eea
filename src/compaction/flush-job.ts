/**
 * Writes a frozen memtable to one table of L0. Versions that nobody can see any more are left out;
 * tombstones stay, since the tables under them are not looked at.
 */
import type { ForwardWalk } from '../cursor/cursor.ts';
import { assertInvariant } from '../errors.ts';
import { GarbageRules } from './garbage.ts';
import { type JobEnvironment, type JobResult, Pacer } from './job.ts';
import { OutputTables } from './output-tables.ts';

/** What a flush reads: a memtable, or what a recovery has in place of one. */
export interface FlushSource {
  readonly entryCount: number;
  /** Bytes in memory. */
  readonly byteSize: number;
  cursor(): ForwardWalk;
}

/**
 * The result has one table, or none for an empty memtable. `snapshots` are the live ones, ascending.
 * @throws LsmError what the file system, the memtable or `checkpoint` throws; then no file is left.
 */
export function runFlush(
  environment: JobEnvironment,
  memtable: FlushSource,
  snapshots: readonly number[],
): JobResult {
  const rules = new GarbageRules(snapshots, undefined);
  const pacer = new Pacer(environment);
  const outputs = new OutputTables(environment, 0);
  let read = 0;
  let dropped = 0;
  try {
    const cursor = memtable.cursor();
    try {
      for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
        read++;
        const { key, keyStart, keyLength, sequence, kind } = cursor;
        if (rules.keep(key, keyStart, keyLength, sequence, kind)) outputs.add(cursor);
        else dropped++;
        pacer.entry(keyLength + cursor.valueLength);
      }
    } finally {
      cursor.close();
    }
    assertInvariant(read === memtable.entryCount, 'a flush reads every entry of its memtable');
    assertInvariant(read === outputs.entryCount + dropped, 'a flush writes or drops what it reads');
    const tables = outputs.finish();
    return {
      tables,
      entriesRead: read,
      entriesWritten: outputs.entryCount,
      entriesDropped: dropped,
      bytesRead: memtable.byteSize,
      bytesWritten: tables.reduce((sum, table) => sum + table.fileBytes, 0),
    };
  } catch (error) {
    outputs.abandon();
    throw error;
  }
}
