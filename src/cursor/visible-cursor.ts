/**
 * What a user sees: of every key the newest version that the snapshot may see, no tombstones, within
 * bounds, in either direction.
 *
 * Going forward, the source stands on the current entry. Going backward it stands before all versions of
 * the current key: they are met oldest first, so the newest visible one is only known once the walk has
 * left the key. The current key is kept in an array of its own, and going backward so is the value, since
 * the source moves on.
 *
 * A walk looks ahead: what follows the current entry in one block is taken from a stretch (stretch.ts), and the
 * source stays where it stood when it described that. It comes after when the stretch is left.
 */
import { copyBytes, equalBytes } from '../bytes/compare.ts';
import { KIND_PUT, MAX_SEQUENCE } from '../keys/internal-key.ts';
import { isAbove, isBelow, type KeyRange } from '../keys/key-range.ts';
import { type Cursor, EMPTY } from './cursor.ts';
import { seekBefore } from './merging-cursor.ts';
import { LONGEST_STRETCH, type Stretch } from './stretch.ts';
import { VisibleStretch } from './visible-stretch.ts';

/** Every version of a key has a sequence above this: a search with it lands behind all of them. */
const BEHIND_ALL_VERSIONS = 0;

/** How far a walk looks ahead at first: a search that reads ten entries needs no more. */
const FIRST_STRETCH = 10;

/** What a cursor needs of memory for itself; given to another one when it is closed. */
export class CursorMemory {
  key: Uint8Array = EMPTY;
  stretch: VisibleStretch | undefined = undefined;
}

export class VisibleCursor {
  valid = false;
  /** The user key is `key[keyStart, keyStart + keyLength)`; overwritten by the next move. */
  key: Uint8Array = EMPTY;
  keyStart = 0;
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
  readonly #memory: CursorMemory;
  /** The entry of the stretch that is shown, and where the stretch ends; 0 when none is in use. */
  #at = 0;
  #end = 0;
  /** How far to look ahead next time. */
  #most = FIRST_STRETCH;

  /** Takes over the source and closes it when it is closed. `memory` is lent to it until then. */
  constructor(source: Cursor, snapshot: number, range: KeyRange, memory: CursorMemory = new CursorMemory()) {
    this.#source = source;
    this.#snapshot = snapshot;
    this.#range = range;
    this.#memory = memory;
  }

  /** Moves to the first entry of the range. */
  first(): void {
    this.#begin();
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
    this.#begin();
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
    this.#begin();
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
    this.#begin();
    this.#takeTarget(key, start, length);
    seekBefore(this.#source, this.#target, 0, length, BEHIND_ALL_VERSIONS);
    this.#settleBackward();
  }

  next(): void {
    if (this.#forward && this.#at + 1 < this.#end) {
      this.#at += 1;
      this.#showStretched();
      return;
    }
    this.valid = false;
    if (this.#forward) {
      this.#leaveStretch();
      this.#source.next();
      this.#settleForward(true);
      if (this.valid) this.#lookAhead();
    } else {
      this.#begin();
      this.#source.seek(this.key, this.keyStart, this.keyLength, BEHIND_ALL_VERSIONS);
      this.#settleForward(false);
    }
  }

  prev(): void {
    if (!this.#forward && this.#at + 1 < this.#end) {
      this.#at += 1;
      this.#showStretched();
      return;
    }
    this.valid = false;
    if (this.#forward) {
      this.#begin();
      seekBefore(this.#source, this.key, this.keyStart, this.keyLength, MAX_SEQUENCE);
      this.#settleBackward();
    } else {
      this.#leaveStretch();
      this.#settleBackward();
      if (this.valid) this.#lookAhead();
    }
  }

  /**
   * The stretch in which the entries from `stretchAt` to before `stretchEnd` follow the current one, good until
   * the next move; none follow if the two are the same.
   */
  get stretch(): Stretch | undefined {
    return this.#memory.stretch;
  }

  get stretchAt(): number {
    return this.#end === 0 ? 0 : this.#at + 1;
  }

  get stretchEnd(): number {
    return this.#end;
  }

  /** Moves on by so many of the entries that follow in the stretch, one at least. */
  pass(entries: number): void {
    this.#at += entries;
    this.#showStretched();
  }

  close(): void {
    this.valid = false;
    this.#source.close();
  }

  /** Before a move to anywhere: forgets what it knows of its neighbourhood. */
  #begin(): void {
    this.valid = false;
    this.#end = 0;
    this.#most = FIRST_STRETCH;
  }

  /** In a walk, on a new entry: has the source describe what comes with it. */
  #lookAhead(): void {
    const source = this.#source;
    const forward = this.#forward;
    if (!source.valid) return;
    this.#memory.stretch ??= new VisibleStretch();
    const stretch = this.#memory.stretch;
    const most = this.#most;
    source.ahead(stretch, forward, most, undefined);
    if (forward) stretch.keepForward(this.#snapshot, this.#range);
    else stretch.keepBackward(this.#snapshot, this.#range);
    // Going forward the current entry is the first one of it, going backward it came before it.
    this.#at = forward ? 0 : -1;
    this.#end = this.#at + 1 < stretch.count ? stretch.count : 0;
    this.#most = Math.min(LONGEST_STRETCH, 2 * most);
  }

  #showStretched(): void {
    const stretch = this.#memory.stretch as VisibleStretch;
    const at = this.#at;
    this.key = stretch.keys;
    this.keyStart = stretch.keyStarts[at];
    this.keyLength = stretch.keyLengths[at];
    this.value = stretch.values;
    this.valueStart = stretch.valueStarts[at];
    this.valueLength = stretch.valueLengths[at];
  }

  /** Brings the source to where it has to stand for the current entry. */
  #leaveStretch(): void {
    if (this.#end === 0) return;
    this.#end = 0;
    const { places } = this.#memory.stretch as VisibleStretch;
    if (this.#forward) this.#source.skip(places[this.#at], true);
    else if (this.#at >= 0) this.#source.skip(places[this.#at] + 1, false);
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
    const { key, keyStart, keyLength } = this;
    return equalBytes(source.key, source.keyStart, source.keyLength, key, keyStart, keyLength);
  }

  #saveKey(source: Cursor): void {
    const memory = this.#memory;
    const length = source.keyLength;
    if (length > memory.key.length) memory.key = new Uint8Array(Math.max(64, length * 2));
    copyBytes(source.key, source.keyStart, length, memory.key, 0);
    this.key = memory.key;
    this.keyStart = 0;
    this.keyLength = length;
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
