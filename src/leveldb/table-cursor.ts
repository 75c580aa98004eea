/**
 * Walks a table of LevelDB from its first entry to its last, with one data block in memory. Every entry is
 * checked against the one before it, and the first and last against what the manifest says, since a merge
 * of tables in a wrong order would let old values win.
 */
import type { LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { compareInternal, KIND_DELETE, TRAILER_BYTES } from '../keys/internal-key.ts';
import { BlockEntries } from './block-entries.ts';
import { type Damage, damagedPart } from './damage.ts';
import { ForwardCursor } from './forward-cursor.ts';
import { type InternalKey, kindOf, sequenceAt } from './internal-key.ts';
import { type BlockHandle, LevelDbTable } from './table.ts';
import type { Tally } from './tally.ts';
import type { LevelDbTableMeta } from './version-edit.ts';

/** A table and the file that holds it. */
export interface LevelDbTableFile extends LevelDbTableMeta {
  readonly path: string;
}

const NO_BLOCK: BlockHandle = { offset: 0, bytes: 0 };

export class LevelDbTableCursor extends ForwardCursor {
  readonly #fs: FileSystem;
  readonly #meta: LevelDbTableFile;
  readonly #damage: Damage;
  readonly #tally: Tally;
  readonly #entries: BlockEntries;
  #table: LevelDbTable | undefined;
  /** The data block that the cursor is in, and the index of the next one. */
  #block: BlockHandle = NO_BLOCK;
  #nextIndex = 0;
  /** Whether an entry was shown, of which sequence; of its user key the entries know the length. */
  #started = false;
  #lastSequence = 0;
  #complete = true;
  /** Bytes of the file that the tally has. */
  #counted = 0;

  constructor(fs: FileSystem, meta: LevelDbTableFile, damage: Damage, tally: Tally) {
    super();
    this.#fs = fs;
    this.#meta = meta;
    this.#damage = damage;
    this.#tally = tally;
    this.#entries = new BlockEntries((what) => this.#fault(what));
  }

  override seekToFirst(): void {
    this.close();
    const { path, bytes } = this.#meta;
    this.#counted = 0;
    try {
      this.#table = new LevelDbTable(this.#fs, path, bytes);
    } catch (error) {
      this.#damage.met(error, path, 0, bytes);
      this.#count(bytes);
      return;
    }
    this.#tally.filesRead += 1;
    this.#nextIndex = 0;
    this.#started = false;
    this.#complete = true;
    this.#advance();
  }

  override next(): void {
    this.#advance();
  }

  override close(): void {
    super.close();
    this.#entries.clear();
    this.#table?.close();
    this.#table = undefined;
  }

  #advance(): void {
    this.valid = false;
    for (;;) {
      try {
        if (this.#entries.next()) {
          this.#show();
          return;
        }
        if (!this.#enterNextBlock()) {
          // The rest of the file is the index and what is of no use here.
          this.#count(this.#meta.bytes - this.#counted);
          this.#checkEnd();
          return;
        }
      } catch (error) {
        this.#complete = false;
        this.#entries.clear();
        this.#damage.met(error, this.#meta.path, this.#block.offset, this.#block.bytes);
      }
    }
  }

  #enterNextBlock(): boolean {
    const block = this.#table?.dataBlocks[this.#nextIndex];
    if (this.#table === undefined || block === undefined) return false;
    this.#nextIndex += 1;
    this.#block = block;
    this.#count(block.bytes);
    const { bytes, start, length } = this.#table.read(block);
    this.#entries.attach(bytes, start, length);
    return true;
  }

  #count(bytes: number): void {
    this.#counted += bytes;
    this.#tally.bytesRead += bytes;
  }

  #show(): void {
    const { key, keyLength, bytes, valueStart, valueLength } = this.#entries;
    const trailer = keyLength - TRAILER_BYTES;
    const kind = trailer < 0 ? undefined : kindOf(key[trailer]);
    const sequence = kind === undefined ? undefined : sequenceAt(key, trailer);
    if (kind === undefined || sequence === undefined) {
      throw this.#reject('a key has no valid sequence number and kind');
    }
    this.#checkOrder(key, trailer, sequence);
    this.#started = true;
    this.#lastSequence = sequence;
    this.#tally.versions += 1;
    if (kind === KIND_DELETE) this.#tally.deletions += 1;
    this.key = key;
    this.keyStart = 0;
    this.keyLength = trailer;
    this.sequence = sequence;
    this.kind = kind;
    this.value = bytes;
    this.valueStart = valueStart;
    this.valueLength = valueLength;
    this.valid = true;
  }

  /** Where the next table of a level begins, this one must have ended: the walk through the level relies on it. */
  #checkOrder(key: Uint8Array, length: number, sequence: number): void {
    if (compareToBound(key, length, sequence, this.#meta.largest) > 0) {
      throw this.#reject('it goes on beyond the last key that the manifest says');
    }
    if (!this.#started) {
      const order = compareToBound(key, length, sequence, this.#meta.smallest);
      if (order < 0 || (order > 0 && this.#complete)) {
        throw this.#reject('it does not begin with the key that the manifest says');
      }
      return;
    }
    const { lastKey, lastKeyLength } = this.#entries;
    const lastLength = lastKeyLength - TRAILER_BYTES;
    if (compareInternal(lastKey, 0, lastLength, this.#lastSequence, key, 0, length, sequence) >= 0) {
      throw this.#reject('its keys do not ascend');
    }
  }

  /** The last key is still that of the last entry when a walk has come to the end. */
  #checkEnd(): void {
    if (this.#table === undefined || !this.#complete) return;
    const { key, keyLength } = this.#entries;
    const length = keyLength - TRAILER_BYTES;
    if (this.#started && compareToBound(key, length, this.#lastSequence, this.#meta.largest) === 0) return;
    const error = this.#fault('it does not end with the key that the manifest says');
    this.#complete = false;
    this.#damage.met(error, this.#meta.path, this.#block.offset, 0);
  }

  #reject(what: string): LsmError {
    this.#entries.reject();
    return this.#fault(what);
  }

  #fault(what: string): LsmError {
    return damagedPart(this.#meta.path, this.#block.offset, `in a data block: ${what}`);
  }
}

function compareToBound(key: Uint8Array, length: number, sequence: number, bound: InternalKey): number {
  const { userKey } = bound;
  return compareInternal(key, 0, length, sequence, userKey, 0, userKey.length, bound.sequence);
}
