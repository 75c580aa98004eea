/**
 * Repairs a database whose manifest is whole: tables keep their levels, and what is left of a damaged one
 * takes its place. There it holds what it always held, or less; so the tree stays in order.
 */
import { compareKeys } from '../../bytes/compare.ts';
import { corruption } from '../../errors.ts';
import type { TableSummary } from '../../sstable/table-summary.ts';
import { tableFileName, tablePath, walFileName, walPath } from '../../version/file-names.ts';
import type { ManifestContents } from '../../version/manifest.ts';
import { type TableMeta, withEpoch } from '../../version/table-meta.ts';
import { Version } from '../../version/version.ts';
import type { AddedTable } from '../../version/version-edit.ts';
import { isSameTable } from '../stored-files.ts';
import { type NamedLog, type RepairContext, type RepairedTree, replayLogs } from './repaired-tree.ts';
import { salvage } from './salvaged-table.ts';

export function keepTree(context: RepairContext, contents: ManifestContents): RepairedTree {
  const unusable: string[] = [];
  const added: AddedTable[] = [];
  let tablesKept = 0;
  contents.version.levels.forEach((tables, level) => {
    for (const meta of tables) {
      const table = keepTable(context, level, meta, unusable);
      if (table === meta) tablesKept += 1;
      if (table !== undefined) added.push({ level, table });
    }
  });
  const tablesRewritten = added.length - tablesKept;
  const logs = contents.logs.flatMap((number, at) => {
    const complete = contents.finished || at + 1 < contents.logs.length;
    return presentLog(context, number, complete);
  });
  const replayed = replayLogs(context, logs, contents.lastSequence, unusable);
  let epoch = contents.nextEpoch;
  for (const table of replayed.tables) added.push({ level: 0, table: withEpoch(table, epoch++) });
  return {
    version: Version.empty(contents.version.levels.length).apply({ added, deleted: [] }),
    lastSequence: replayed.lastSequence,
    nextEpoch: epoch,
    unusable,
    tablesKept,
    tablesRewritten,
    logsReplayed: logs.length,
    entriesReplayed: replayed.entries,
  };
}

/** The table itself, or what is left of it; undefined if that is nothing. */
function keepTable(
  context: RepairContext,
  level: number,
  meta: TableMeta,
  unusable: string[],
): TableMeta | undefined {
  const { environment, problems } = context;
  const { fs, directory, databaseId } = environment;
  const { fileNumber } = meta;
  const path = tablePath(directory, fileNumber);
  if (fs.status(path)?.kind !== 'file') {
    problems.add(corruption(path, 0, 'the manifest names it, and it is missing'));
    return undefined;
  }
  const found = salvage(environment, path, { databaseId, fileNumber }, level, problems);
  context.onRead(meta.fileBytes);
  if (found?.isWhole && isSameTable(found.table, meta)) return meta;
  unusable.push(tableFileName(fileNumber));
  if (found === undefined) return undefined;
  if (!found.isWhole && isPartOf(found.table, meta)) return withEpoch(found.table, meta.epoch);
  problems.add(corruption(path, 0, 'it holds other entries than the manifest says'));
  return undefined;
}

function isPartOf(table: TableSummary, meta: TableMeta): boolean {
  return (
    compareKeys(table.smallest, meta.smallest) >= 0 &&
    compareKeys(table.largest, meta.largest) <= 0 &&
    table.minSequence >= meta.minSequence &&
    table.maxSequence <= meta.maxSequence
  );
}

function presentLog(
  { environment, problems }: RepairContext,
  fileNumber: number,
  complete: boolean,
): NamedLog[] {
  const { fs, directory, databaseId } = environment;
  const path = walPath(directory, fileNumber);
  if (fs.status(path)?.kind === 'file') {
    return [{ name: walFileName(fileNumber), path, identity: { databaseId, fileNumber }, complete }];
  }
  problems.add(corruption(path, 0, 'the manifest names it, and it is missing'));
  return [];
}
