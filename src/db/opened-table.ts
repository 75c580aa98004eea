import type { Table } from '../sstable/table.ts';
import type { TableCache } from '../sstable/table-cache.ts';
import type { Version } from '../version/version.ts';

/** A table of a Version, which remembers that it is open. @throws LsmError as {@link TableCache.table}. */
export function openedTable(version: Version, level: number, index: number, tables: TableCache): Table {
  const known = version.opened[level][index];
  if (known !== undefined) return known;
  const { fileNumber, fileBytes } = version.levels[level][index];
  const table = tables.table(fileNumber, fileBytes);
  version.opened[level][index] = table;
  return table;
}
