/** What the manifest of a LevelDB directory says: which tables and logs hold the data. */
import { corruption, LsmError } from '../errors.ts';
import { type FileSystem, joinPath } from '../fs/file-system.ts';
import { compareInternal } from '../keys/internal-key.ts';
import { Damage } from './damage.ts';
import type { InternalKey } from './internal-key.ts';
import { LevelDbLogReader } from './log-reader.ts';
import { decodeEdit, LEVEL_COUNT, type LevelDbEdit, type LevelDbTableMeta } from './version-edit.ts';

const COMPARATOR = 'leveldb.BytewiseComparator';
const NAME = /^[\w.-]{1,100}$/;

export interface LevelDbManifest {
  readonly path: string;
  /** The size that was read, bytes. */
  readonly bytes: number;
  /** L0 first. Tables of L0 overlap; in every other level they ascend and do not. */
  readonly levels: readonly (readonly LevelDbTableMeta[])[];
  /** Logs with this number and above hold data that is in no table. */
  readonly logNumber: number;
  /** So does this one, if it is not 0; only old versions of LevelDB had it. */
  readonly previousLogNumber: number;
  /** Bytes of an edit at the end that was being written. */
  readonly discardedBytes: number;
}

/**
 * @throws LsmError `LSM_CORRUPTION`; `LSM_UNSUPPORTED_FORMAT` for another order of keys or another program's
 *   manifest.
 */
export function readLevelDbManifest(fs: FileSystem, directory: string, name: string): LevelDbManifest {
  const path = joinPath(directory, name);
  if (fs.status(path) === undefined) throw corruption(path, 0, 'CURRENT names it, and it is missing');
  const reader = new LevelDbLogReader(fs, path, new Damage(false), { mayBeTorn: true });
  try {
    const state = new ManifestState(path);
    while (reader.next()) {
      const { payload, payloadStart, payloadLength, recordOffset } = reader;
      const edit = decodeEdit(payload, payloadStart, payloadLength, path, recordOffset);
      state.apply(edit, recordOffset);
    }
    const { size } = reader.file;
    return {
      path,
      bytes: size,
      ...state.result(size - reader.discardedBytes),
      discardedBytes: reader.discardedBytes,
    };
  } finally {
    reader.close();
  }
}

class ManifestState {
  readonly #path: string;
  readonly #levels = Array.from({ length: LEVEL_COUNT }, () => new Map<number, LevelDbTableMeta>());
  #logNumber: number | undefined;
  #previousLogNumber = 0;
  #nextFileNumber: number | undefined;
  #lastSequence: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  apply(edit: LevelDbEdit, offset: number): void {
    if (edit.comparator !== undefined && edit.comparator !== COMPARATOR) {
      throw this.#otherOrder(edit.comparator, offset);
    }
    this.#logNumber = edit.logNumber ?? this.#logNumber;
    this.#previousLogNumber = edit.previousLogNumber ?? this.#previousLogNumber;
    this.#nextFileNumber = edit.nextFileNumber ?? this.#nextFileNumber;
    this.#lastSequence = edit.lastSequence ?? this.#lastSequence;
    for (const { level, number } of edit.deleted) this.#levels[level].delete(number);
    for (const { level, table } of edit.added) this.#levels[level].set(table.number, table);
  }

  #otherOrder(comparator: string, offset: number): LsmError {
    // Only what looks like a name is repeated: in a manifest that was made up it could be anything.
    const order = NAME.test(comparator) ? `the order ${comparator}` : 'an order without a proper name';
    const message =
      `${this.#path} says that the keys are in ${order}, and only ${COMPARATOR} can be read; export the data ` +
      'with the program that wrote it';
    return new LsmError('LSM_UNSUPPORTED_FORMAT', message, { file: this.#path, offset });
  }

  result(end: number): Pick<LevelDbManifest, 'levels' | 'logNumber' | 'previousLogNumber'> {
    const logNumber = this.#logNumber;
    if (logNumber === undefined || this.#nextFileNumber === undefined || this.#lastSequence === undefined) {
      throw corruption(this.#path, end, 'it ends before it says which files there are');
    }
    const levels = this.#levels.map((tables, level) => {
      const sorted = [...tables.values()].sort((a, b) => compareKeys(a.smallest, b.smallest));
      if (level > 0) this.#checkDisjoint(sorted, level, end);
      return sorted;
    });
    return { levels, logNumber, previousLogNumber: this.#previousLogNumber };
  }

  #checkDisjoint(tables: readonly LevelDbTableMeta[], level: number, end: number): void {
    for (const [i, table] of tables.entries()) {
      if (i > 0 && compareKeys(tables[i - 1].largest, table.smallest) >= 0) {
        throw corruption(
          this.#path,
          end,
          `tables ${tables[i - 1].number} and ${table.number} of level ${level} overlap`,
        );
      }
    }
  }
}

function compareKeys(a: InternalKey, b: InternalKey): number {
  const [left, right] = [a.userKey, b.userKey];
  return compareInternal(left, 0, left.length, a.sequence, right, 0, right.length, b.sequence);
}
