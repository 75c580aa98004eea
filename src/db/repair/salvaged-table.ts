/** Finds out what of a table is whole, and writes that to a new one if it is not all. */
import { BlockCache } from '../../cache/block-cache.ts';
import type { JobEnvironment } from '../../compaction/job.ts';
import { OutputTables } from '../../compaction/output-tables.ts';
import { Table } from '../../sstable/table.ts';
import { isDamage, salvageTable } from '../../sstable/table-salvager.ts';
import type { TableSummary } from '../../sstable/table-summary.ts';
import { tablePath } from '../../version/file-names.ts';
import type { FileIdentity } from './found-files.ts';
import type { Problems } from './problems.ts';

export interface SalvagedTable {
  /** The table itself if it is whole, and has the name that its number gives it; else a new one. */
  readonly table: TableSummary;
  readonly isWhole: boolean;
}

/** Undefined if no entry could be read. A new table is packed as those of `level` are. */
export function salvage(
  environment: JobEnvironment,
  path: string,
  identity: FileIdentity,
  level: number,
  problems: Problems,
): SalvagedTable | undefined {
  const { fs, directory } = environment;
  const file = fs.openFile(path);
  try {
    try {
      const table = new Table(file, identity, new BlockCache(0, 1));
      table.verify();
      if (path === tablePath(directory, identity.fileNumber)) {
        return { table: summaryOf(table), isWhole: true };
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      problems.add(error);
    }
    const outputs = new OutputTables(environment, level);
    try {
      salvageTable(
        file,
        identity,
        (entry) => outputs.add(entry),
        (damage) => problems.add(damage),
      );
      const [table] = outputs.finish();
      return table === undefined ? undefined : { table, isWhole: false };
    } catch (error) {
      outputs.abandon();
      throw error;
    }
  } finally {
    file.close();
  }
}

function summaryOf({ properties }: Table): TableSummary {
  const { fileNumber, fileBytes, entryCount, tombstoneCount, keyCount, dataBytes } = properties;
  const { smallest, largest, minSequence, maxSequence } = properties;
  const counts = { entryCount, tombstoneCount, keyCount, dataBytes };
  return { fileNumber, fileBytes, ...counts, smallest, largest, minSequence, maxSequence };
}
