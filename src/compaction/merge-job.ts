/**
 * Merges tables into new ones. What any live snapshot or the present reads is the same before and after;
 * garbage.ts says what is left out. All versions of a user key go to the same table.
 */
import { commonPrefixLength } from '../bytes/compare.ts';
import { BlockCache } from '../cache/block-cache.ts';
import { ConcatenatingCursor } from '../cursor/concatenating-cursor.ts';
import type { Cursor } from '../cursor/cursor.ts';
import { MergingCursor } from '../cursor/merging-cursor.ts';
import { corruption, LsmError } from '../errors.ts';
import { TableCache } from '../sstable/table-cache.ts';
import { tablePath } from '../version/file-names.ts';
import type { TableMeta } from '../version/table-meta.ts';
import { type MergeTask, rangeOf } from './compaction-task.ts';
import { GarbageRules } from './garbage.ts';
import { type JobEnvironment, type JobResult, Pacer } from './job.ts';
import type { MergeContext } from './merge-context.ts';
import { OutputCutter } from './output-cutter.ts';
import { OutputTables } from './output-tables.ts';

export type { MergeTask } from './compaction-task.ts';
export type { JobEnvironment, JobResult } from './job.ts';
export type { MergeContext } from './merge-context.ts';

/** Inputs are read from start to end, in pieces of this size. */
const READ_AHEAD_BYTES = 256 * 1024;

/** Index blocks of the inputs; data blocks never enter. */
const INDEX_CACHE_BYTES = 4 * 1024 * 1024;

/**
 * The result has no table if everything was dropped.
 * @throws LsmError `LSM_CORRUPTION` for damaged inputs, or inputs that do not hold as many entries as the
 * Version says; what the file system or `checkpoint` throws. In each case no output is left.
 */
export function runMerge(environment: JobEnvironment, task: MergeTask, context: MergeContext): JobResult {
  const tables = openInputs(environment, task);
  const outputs = new OutputTables(environment, task.outputLevel);
  try {
    const { read, dropped } = mergeInto(outputs, environment, tables, task, context);
    checkCounts(environment, task, read, outputs.entryCount + dropped);
    const written = outputs.finish();
    return {
      tables: written,
      entriesRead: read,
      entriesWritten: outputs.entryCount,
      entriesDropped: dropped,
      bytesRead: sum(task, (table) => table.fileBytes),
      bytesWritten: written.reduce((bytes, table) => bytes + table.fileBytes, 0),
    };
  } catch (error) {
    outputs.abandon();
    throw error;
  } finally {
    tables.close();
  }
}

function mergeInto(
  outputs: OutputTables,
  environment: JobEnvironment,
  tables: TableCache,
  task: MergeTask,
  context: MergeContext,
): { read: number; dropped: number } {
  const rules = new GarbageRules(context.snapshots, context.older);
  const cutter = new OutputCutter(context.tableBytes, context.maxGrandparentBytes, context.grandparents);
  const pacer = new Pacer(environment);
  let read = 0;
  let dropped = 0;
  let writtenKey = 0;
  const cursor = mergingCursor(tables, task);
  try {
    for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
      read++;
      const { key, keyStart, keyLength } = cursor;
      if (rules.keep(key, keyStart, keyLength, cursor.sequence, cursor.kind)) {
        if (rules.keyOrdinal !== writtenKey) {
          writtenKey = rules.keyOrdinal;
          if (cutter.cutsBefore(key, keyStart, keyLength, outputs.openBytes)) outputs.cut();
        }
        outputs.add(cursor);
      } else {
        dropped++;
      }
      pacer.entry(keyLength + cursor.valueLength);
    }
  } finally {
    cursor.close();
  }
  return { read, dropped };
}

/** A cursor over all the inputs: one for each table of L0, one for the run of each other level. */
function mergingCursor(tables: TableCache, task: MergeTask): Cursor {
  const open = ({ fileNumber, fileBytes }: TableMeta): Cursor =>
    tables.table(fileNumber, fileBytes).cursor({ fillCache: false, readAheadBytes: READ_AHEAD_BYTES });
  const children: Cursor[] = [];
  try {
    for (const input of task.inputs) {
      if (input.level === 0) for (const table of input.tables) children.push(open(table));
      else children.push(new ConcatenatingCursor(input.tables, open));
    }
  } catch (error) {
    for (const child of children) child.close();
    throw error;
  }
  return new MergingCursor(children, sharedPrefix(task));
}

/** How many bytes every key of the inputs starts with that all of them do. */
function sharedPrefix(task: MergeTask): number {
  const range = rangeOf(task);
  if (range === undefined) return 0;
  const { smallest, largest } = range;
  return commonPrefixLength(smallest, 0, smallest.length, largest, 0, largest.length);
}

/**
 * The job's own table cache: its files are those of its thread, and its reads leave the blocks of the
 * readers alone.
 */
function openInputs(environment: JobEnvironment, task: MergeTask): TableCache {
  const { fs, directory, databaseId } = environment;
  const open = task.inputs.reduce((count, { level, tables }) => count + (level === 0 ? tables.length : 1), 0);
  const pathOf = (fileNumber: number): string => tablePath(directory, fileNumber);
  return new TableCache(fs, pathOf, databaseId, new BlockCache(INDEX_CACHE_BYTES, 1), open + 1);
}

/** A read that ends early must never pass for a small table: what it missed would be lost for good. */
function checkCounts(environment: JobEnvironment, task: MergeTask, read: number, handled: number): void {
  const expected = sum(task, (table) => table.entryCount);
  if (read !== expected) {
    const [first] = task.inputs[0].tables;
    const path = tablePath(environment.directory, first.fileNumber);
    throw corruption(path, 0, `it and the tables merged with it hold ${read} entries, not ${expected}`);
  }
  if (read !== handled) {
    throw new LsmError(
      'LSM_INTERNAL',
      `a merge read ${read} entries and handled ${handled}; please report this`,
    );
  }
}

function sum(task: MergeTask, of: (table: TableMeta) => number): number {
  let total = 0;
  for (const { tables } of task.inputs) for (const table of tables) total += of(table);
  return total;
}
