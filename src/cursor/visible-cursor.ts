/**
 * What a user sees: of every key the newest version that the snapshot may see, no tombstones, within
 * bounds, in either direction.
 *
 * Going forward, the source stands on the current entry. Going backward it stands before all versions of
 * the current key: they are met oldest first, so the newest visible one is only known once the walk has
 * left the key. The current key is kept in an array of its own, and going backward so is the value, since
 * the source moves on.
 */
import { copyBytes, equalBytes } from '../bytes/compare.ts';
import { KIND_PUT, MAX_SEQUENCE } from '../keys/internal-key.ts';
import { isAbove, isBelow, type KeyRange } from '../keys/key-range.ts';
import { type Cursor, EMPTY } from './cursor.ts';
import { seekBefore } from './merging-cursor.ts';

/** Every version of a key has a sequence above this: a search with it lands behind all of them. */
const BEHIND_ALL_VERSIONS = 0;

export class VisibleCursor {
  valid = false;
  /** The user key is `key[0, keyLength)`; overwritten by the next move. */
  key: Uint8Array;
  keyLength = 0;
  value: Uint8Array = EMPTY;
  valueStart = 0;
  valueLength = 0;

  readonly #source: Cursor;
  /** Where the value is kept going backward. */
  #saved: Uint8Array = EMPTY;
  /** The key of a seek, which may be a view of the value under the cursor: a move gives that memory away. */
  #target: Uint8Array = EMPTY;
  readonly #snapshot: number;
  readonly #range: KeyRange;
  #forward = true;

  /** Takes over the source and closes it when it is closed. `key` is where it may keep keys while they fit. */
  constructor(source: Cursor, snapshot: number, range: KeyRange, key: Uint8Array = EMPTY) {
    this.key = key;
    this.#source = source;
    this.#snapshot = snapshot;
    this.#range = range;
  }

  /** Moves to the first entry of the range. */
  first(): void {
    this.valid = false;
    const lower = this.#range.lower;
    if (lower === undefined) this.#source.seekToFirst();
    else {
      const sequence = lower.inclusive ? MAX_SEQUENCE : BEHIND_ALL_VERSIONS;
      this.#source.seek(lower.key, 0, lower.key.length, sequence);
    }
    this.#settleForward(false);
  }

  /** Moves to the last entry of the range. */
  last(): void {
    this.valid = false;
    const upper = this.#range.upper;
    if (upper === undefined) this.#source.seekToLast();
    else {
      const sequence = upper.inclusive ? BEHIND_ALL_VERSIONS : MAX_SEQUENCE;
      seekBefore(this.#source, upper.key, 0, upper.key.length, sequence);
    }
    this.#settleBackward();
  }

  /** Moves to the first entry of the range whose key is not below this one. */
  seek(key: Uint8Array, start: number, length: number): void {
    if (isBelow(this.#range, key, start, length)) {
      this.first();
      return;
    }
    this.valid = false;
    this.#takeTarget(key, start, length);
    this.#source.seek(this.#target, 0, length, MAX_SEQUENCE);
    this.#settleForward(false);
  }

  /** Moves to the last entry of the range whose key is not above this one. */
  seekBack(key: Uint8Array, start: number, length: number): void {
    if (isAbove(this.#range, key, start, length)) {
      this.last();
      return;
    }
    this.valid = false;
    this.#takeTarget(key, start, length);
    seekBefore(this.#source, this.#target, 0, length, BEHIND_ALL_VERSIONS);
    this.#settleBackward();
  }

  next(): void {
    this.valid = false;
    if (this.#forward) {
      this.#source.next();
      this.#settleForward(true);
    } else {
      this.#source.seek(this.key, 0, this.keyLength, BEHIND_ALL_VERSIONS);
      this.#settleForward(false);
    }
  }

  prev(): void {
    this.valid = false;
    if (this.#forward) seekBefore(this.#source, this.key, 0, this.keyLength, MAX_SEQUENCE);
    this.#settleBackward();
  }

  close(): void {
    this.valid = false;
    this.#source.close();
  }

  /** From where the source stands, finds the next visible entry; `passed` if `key` is done with. */
  #settleForward(passed: boolean): void {
    this.#forward = true;
    const source = this.#source;
    const snapshot = this.#snapshot;
    let skipping = passed;
    for (; source.valid; source.next()) {
      if (source.sequence > snapshot) {
        if (isAbove(this.#range, source.key, source.keyStart, source.keyLength)) return;
        continue;
      }
      if (skipping && this.#isSavedKey(source)) continue;
      if (isAbove(this.#range, source.key, source.keyStart, source.keyLength)) return;
      this.#saveKey(source);
      if (source.kind === KIND_PUT) {
        this.#takeValue(source);
        this.valid = true;
        return;
      }
      skipping = true;
    }
  }

  /** From where the source stands, finds the previous visible entry. */
  #settleBackward(): void {
    this.#forward = false;
    const source = this.#source;
    const snapshot = this.#snapshot;
    let found = false;
    for (; source.valid; source.prev()) {
      if (source.sequence > snapshot) {
        if (isBelow(this.#range, source.key, source.keyStart, source.keyLength)) break;
        continue;
      }
      if (found && !this.#isSavedKey(source)) break;
      if (isBelow(this.#range, source.key, source.keyStart, source.keyLength)) break;
      found = source.kind === KIND_PUT;
      if (found) {
        this.#saveKey(source);
        this.#saveValue(source);
      }
    }
    this.valid = found;
  }

  #takeTarget(key: Uint8Array, start: number, length: number): void {
    if (length > this.#target.length) this.#target = new Uint8Array(Math.max(64, 2 * length));
    copyBytes(key, start, length, this.#target, 0);
  }

  #isSavedKey(source: Cursor): boolean {
    return equalBytes(source.key, source.keyStart, source.keyLength, this.key, 0, this.keyLength);
  }

  #saveKey(source: Cursor): void {
    if (source.keyLength > this.key.length) this.key = new Uint8Array(Math.max(64, source.keyLength * 2));
    copyBytes(source.key, source.keyStart, source.keyLength, this.key, 0);
    this.keyLength = source.keyLength;
  }

  #saveValue({ value, valueStart, valueLength }: Cursor): void {
    if (valueLength > this.#saved.length) this.#saved = new Uint8Array(Math.max(256, valueLength));
    copyBytes(value, valueStart, valueLength, this.#saved, 0);
    this.value = this.#saved;
    this.valueStart = 0;
    this.valueLength = valueLength;
  }

  #takeValue(source: Cursor): void {
    this.value = source.value;
    this.valueStart = source.valueStart;
    this.valueLength = source.valueLength;
  }
}
