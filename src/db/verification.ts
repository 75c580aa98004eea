/** Collects what a verification finds: damage in one file does not hide that in another. */
import { LsmError } from '../errors.ts';
import { isDamage, salvageTable } from '../sstable/table-salvager.ts';
import { tablePath } from '../version/file-names.ts';
import type { TableMeta } from '../version/table-meta.ts';
import type { DiscardedTail } from './recovery-report.ts';
import { checkTable, type StoredFiles } from './stored-files.ts';
import type { Problem, TableAtRisk, VerifiedFile, VerifyReport } from './verify-report.ts';

/** What to do about a manifest, or a CURRENT, that is not whole. */
export const ADVICE_MANIFEST =
  'restore a backup; or repair it, which takes every table in the directory, so that deleted keys can come back';
/** The same of a log. */
export const ADVICE_LOG =
  'restore a backup; or repair it, which saves every whole batch, also behind the damage';

export class Verification {
  readonly files: VerifiedFile[] = [];
  readonly problems: Problem[] = [];
  readonly discarded: DiscardedTail[] = [];
  unnamed: readonly string[] = [];
  foreign: readonly string[] = [];
  readonly #withKeys: boolean;

  constructor(withKeys: boolean) {
    this.#withKeys = withKeys;
  }

  get report(): VerifyReport {
    const { files, problems, discarded, unnamed, foreign } = this;
    const tables = files.filter(({ kind }) => kind === 'table');
    return {
      ok: problems.length === 0,
      files,
      problems,
      entries: tables.reduce((sum, { entries }) => sum + entries, 0),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      discarded,
      unnamed,
      foreign,
    };
  }

  /** Notes the file that `step` finds whole, or the error that it throws. */
  check(advice: string, step: () => VerifiedFile | undefined): void {
    try {
      const file = step();
      if (file !== undefined) this.files.push(file);
    } catch (error) {
      this.note(error, advice);
    }
  }

  checkTable(files: StoredFiles, level: number, meta: TableMeta): void {
    const file = tablePath(files.directory, meta.fileNumber);
    try {
      checkTable(files, meta);
      this.files.push({ file, kind: 'table', bytes: meta.fileBytes, entries: meta.entryCount, level });
    } catch (error) {
      const table = this.#atRisk(files, level, meta);
      this.note(error, adviceFor(table), table);
    }
  }

  /** @throws what is no error of the engine */
  note(error: unknown, advice: string, table?: TableAtRisk): void {
    if (!(error instanceof LsmError)) throw error;
    const { code, message, file, offset } = error;
    // A file that the system does not let anybody read may be as whole as ever.
    const what = isDamage(error) ? { table, advice } : {};
    this.problems.push({ code, message, file, offset, ...what });
  }

  #atRisk(files: StoredFiles, level: number, meta: TableMeta): TableAtRisk {
    const { entryCount: entries, smallest, largest } = meta;
    const found = { level, entries, entriesReadable: countReadable(files, meta) };
    return this.#withKeys ? { ...found, smallest, largest } : found;
  }
}

function countReadable(
  { fs, directory, databaseId }: StoredFiles,
  { fileNumber, entryCount }: TableMeta,
): number {
  let count = 0;
  try {
    const file = fs.openFile(tablePath(directory, fileNumber));
    try {
      salvageTable(
        file,
        { databaseId, fileNumber },
        () => void count++,
        () => {},
      );
    } finally {
      file.close();
    }
  } catch (error) {
    // The file is missing or can't be read: what it can't be read for is the problem that is noted.
    if (!(error instanceof LsmError)) throw error;
  }
  return Math.min(count, entryCount);
}

function adviceFor({ entries, entriesReadable }: TableAtRisk): string {
  if (entriesReadable === 0) return `restore a backup: none of its ${entries} entries can be read`;
  if (entriesReadable === entries) return `repair it: all of its ${entries} entries can be read`;
  return `restore a backup; or repair it, which saves ${entriesReadable} of its ${entries} entries`;
}
