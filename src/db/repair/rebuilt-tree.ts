/**
 * Repairs a database without a manifest: takes every table and every log in the directory that belongs to it
 * and merges what they hold. Nobody knows any more which of them were obsolete; their entries are hidden by
 * newer ones, unless the deletion of a key has been compacted away already and only such a file still has it.
 */
import { corruption } from '../../errors.ts';
import { FOOTER_BYTES } from '../../sstable/format.ts';
import type { TableSummary } from '../../sstable/table-summary.ts';
import { withEpoch } from '../../version/table-meta.ts';
import { Version } from '../../version/version.ts';
import { belongsTo, type FoundFile } from './found-files.ts';
import { mergeTables } from './merged-tables.ts';
import { type NamedLog, type RepairContext, type RepairedTree, replayLogs } from './repaired-tree.ts';
import { salvage } from './salvaged-table.ts';

export function rebuildTree(context: RepairContext, files: readonly FoundFile[]): RepairedTree {
  const { environment, options } = context;
  const unusable: string[] = [];
  const whole = new Set<number>();
  const tables: TableSummary[] = [];
  for (const file of files.filter(({ kind }) => kind === 'table')) {
    const table = takeTable(context, file, whole, unusable);
    if (table !== undefined) tables.push(table);
  }
  const logs = files.filter(({ kind }) => kind === 'wal').flatMap((file) => takeLog(context, file, unusable));
  logs.sort((a, b) => a.identity.fileNumber - b.identity.fileNumber);
  const replayed = replayLogs(context, logs, 0, unusable);
  // They are damaged, or nobody can say whether they are whole.
  unusable.push(...files.filter(({ kind }) => kind === 'manifest').map(({ name }) => name));

  const taken = [...tables, ...replayed.tables];
  const merged = mergeTables(environment, taken, options.tableBytes);
  const level = options.levelCount - 1;
  const added = merged.map((table) => ({ level, table: withEpoch(table, 0) }));
  const tablesKept = merged.filter(({ fileNumber }) => whole.has(fileNumber)).length;
  return {
    version: Version.empty(options.levelCount).apply({ added, deleted: [] }),
    lastSequence: Math.max(replayed.lastSequence, ...taken.map(({ maxSequence }) => maxSequence)),
    nextEpoch: 1,
    unusable,
    tablesKept,
    tablesRewritten: tables.length - tablesKept,
    logsReplayed: logs.length,
    entriesReplayed: replayed.entries,
  };
}

/** The table or what is left of it; undefined if that is nothing. */
function takeTable(
  context: RepairContext,
  file: FoundFile,
  whole: Set<number>,
  unusable: string[],
): TableSummary | undefined {
  const { environment, problems } = context;
  const { identity, path, bytes, name } = file;
  const known = problems.count;
  let table: TableSummary | undefined;
  if (file.unreadable !== undefined) {
    problems.add(file.unreadable);
  } else if (identity === undefined) {
    const footer = Math.max(0, bytes - FOOTER_BYTES);
    problems.add(corruption(path, footer, 'its footer is not whole, and only that says what is where in it'));
  } else if (!belongsTo(file, environment.databaseId)) {
    problems.add(corruption(path, 0, 'it belongs to another database'));
  } else {
    const found = salvage(environment, path, identity, 0, problems);
    if (found?.isWhole) whole.add(found.table.fileNumber);
    table = found?.table;
  }
  if (problems.count > known) unusable.push(name);
  context.onRead(bytes);
  return table;
}

/** Nobody knows of a log whether it is complete: a process that died may have left it, and another gone on. */
function takeLog({ environment, problems }: RepairContext, file: FoundFile, unusable: string[]): NamedLog[] {
  const { databaseId } = environment;
  const { identity, name, path, number } = file;
  if (identity === undefined)
    return [{ name, path, identity: { databaseId, fileNumber: number }, complete: false }];
  if (belongsTo(file, databaseId)) return [{ name, path, identity, complete: false }];
  problems.add(corruption(path, 0, 'it belongs to another database'));
  unusable.push(name);
  return [];
}
