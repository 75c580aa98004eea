/**
 * Reads what is left of a damaged table: every entry of every data block that its index still leads to and
 * whose checksum is right. Without the footer, or the root of the index, nobody knows where blocks start.
 */

import { fileSeed } from '../bytes/checksum.ts';
import { compareBytes, copyBytes } from '../bytes/compare.ts';
import type { Cursor } from '../cursor/cursor.ts';
import { corruption, LsmError } from '../errors.ts';
import { errnoOf } from '../fs/node-errors.ts';
import { compareInternal } from '../keys/internal-key.ts';
import type { Block } from './block.ts';
import { BlockCursor } from './block-cursor.ts';
import type { TableIdentity } from './format.ts';
import { readBlock, readFooter, type TableFile } from './section-reader.ts';

/** The system would not let anybody look, or not now: what is in the file may be as whole as ever. */
const REFUSALS: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EBUSY',
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ELOOP',
  'ESTALE',
  'ETIMEDOUT',
]);

/** Whether an error says that bytes can't be had as they were written: a wrong checksum, a bad sector. */
export function isDamage(error: unknown): error is LsmError {
  if (!(error instanceof LsmError)) return false;
  return error.code === 'LSM_CORRUPTION' || (error.code === 'LSM_IO' && !REFUSALS.has(errnoOf(error.cause)));
}

/**
 * Hands the entries to `visit` in internal order, and tells `onDamage` of everything that can't be read. What
 * `visit` throws comes out.
 */
export function salvageTable(
  file: TableFile,
  identity: TableIdentity,
  visit: (entry: Cursor) => void,
  onDamage: (damage: LsmError) => void,
): void {
  new TableSalvager(file, identity, visit, onDamage).run();
}

class TableSalvager {
  readonly #file: TableFile;
  readonly #identity: TableIdentity;
  readonly #seed: number;
  readonly #visit: (entry: Cursor) => void;
  readonly #onDamage: (damage: LsmError) => void;
  readonly #cursor = new BlockCursor();
  /** Where the block ended that was visited last at each level (0: data). */
  readonly #ends: number[] = [];
  /** The entry visited last. */
  #last: Uint8Array = new Uint8Array(64);
  #lastLength = 0;
  #lastSequence = 0;
  #any = false;

  constructor(
    file: TableFile,
    identity: TableIdentity,
    visit: (entry: Cursor) => void,
    onDamage: (damage: LsmError) => void,
  ) {
    this.#file = file;
    this.#identity = identity;
    this.#seed = fileSeed(identity.databaseId, identity.fileNumber);
    this.#visit = visit;
    this.#onDamage = onDamage;
  }

  run(): void {
    const footer = this.#attempt(() => readFooter(this.#file, this.#identity));
    if (footer !== undefined) this.#walk(footer.root.offset, footer.root.length, footer.indexHeight);
  }

  /** Visits what is below the block there, `level` above the data. */
  #walk(offset: number, length: number, level: number): void {
    // Blocks of a level ascend. Going back could let the index of a small file be walked for ever.
    if (offset < (this.#ends[level] ?? 0)) {
      this.#onDamage(corruption(this.#file.path, offset, 'the index leads to this block out of turn'));
      return;
    }
    this.#ends[level] = offset + length;
    const role = level === 0 ? 'data' : 'index';
    const block = this.#attempt(() => readBlock(this.#file, this.#seed, role, offset, length));
    if (block === undefined) return;
    if (level === 0) {
      this.#visitBlock(block, offset);
      return;
    }
    for (let index = 0; index < block.count; index++) {
      this.#walk(block.childOffset(index), block.childLength(index), level - 1);
    }
  }

  #visitBlock(block: Block, offset: number): void {
    const cursor = this.#cursor;
    cursor.attach(block);
    for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
      if (!this.#isNext(cursor)) {
        this.#onDamage(corruption(this.#file.path, offset, 'entries out of order'));
        return;
      }
      this.#remember(cursor);
      this.#visit(cursor);
    }
  }

  #isNext({ key, keyStart, keyLength, sequence }: Cursor): boolean {
    if (!this.#any) return true;
    const last = this.#last;
    const length = this.#lastLength;
    return compareInternal(last, 0, length, this.#lastSequence, key, keyStart, keyLength, sequence) < 0;
  }

  #remember({ key, keyStart, keyLength, sequence }: Cursor): void {
    if (!this.#any || compareBytes(this.#last, 0, this.#lastLength, key, keyStart, keyLength) !== 0) {
      if (this.#last.length < keyLength) this.#last = new Uint8Array(2 * keyLength);
      copyBytes(key, keyStart, keyLength, this.#last, 0);
      this.#lastLength = keyLength;
    }
    this.#lastSequence = sequence;
    this.#any = true;
  }

  /** What a read gives, or undefined after telling of the damage that it met. */
  #attempt<Result>(read: () => Result): Result | undefined {
    try {
      return read();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#onDamage(error);
      return undefined;
    }
  }
}
