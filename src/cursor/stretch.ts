/**
 * A stretch: entries that follow one another in one block, described side by side in arrays. Whoever walks takes
 * them from here in one tight loop, where a step of a cursor goes through up to four cursors, each of which shows what
 * the one below it shows. Scans of 1,000,000 cached entries take 0.17 us each, which were 0.22 forward and 0.27 backward.
 *
 * A cursor describes a stretch without moving (`Cursor.ahead`) and is moved over the part that was used
 * (`Cursor.skip`), so whatever it meets after the stretch, an error too, is met when its turn comes.
 */

/** A stretch has at most so many entries, about two blocks of small ones. */
export const LONGEST_STRETCH = 64;

/** Keys take at most so many bytes together; a longer one is no part of any stretch. */
const KEY_ROOM = 4096;

/** 8 bytes of a sequence number, five numbers of 4 bytes. */
const ENTRY_BYTES = 8 + 5 * 4;

export class Stretch {
  count = 0;
  /** Has no meaning: who reads bytes ahead of their use has to do something with them. */
  fetched = 0;
  /** The user key of entry i is `keys[keyStarts[i], keyStarts[i] + keyLengths[i])`. */
  readonly keys: Uint8Array;
  /** The same memory in words. */
  readonly keyWords: Int32Array;
  readonly keyStarts: Uint32Array;
  readonly keyLengths: Uint32Array;
  readonly sequences: Float64Array;
  readonly kinds: Uint32Array;
  /** The value of entry i is `values[valueStarts[i], valueStarts[i] + valueLengths[i])`; good until the cursor moves. */
  values: Uint8Array;
  readonly valueStarts: Uint32Array;
  readonly valueLengths: Uint32Array;

  constructor() {
    // One piece of memory: outside V8's heap each costs as much as a short scan takes for its entries.
    const buffer = new ArrayBuffer(LONGEST_STRETCH * ENTRY_BYTES + KEY_ROOM);
    const numbers = (index: number): Uint32Array =>
      new Uint32Array(buffer, (8 + 4 * index) * LONGEST_STRETCH, LONGEST_STRETCH);
    this.sequences = new Float64Array(buffer, 0, LONGEST_STRETCH);
    this.keyStarts = numbers(0);
    this.keyLengths = numbers(1);
    this.kinds = numbers(2);
    this.valueStarts = numbers(3);
    this.valueLengths = numbers(4);
    this.keys = new Uint8Array(buffer, LONGEST_STRETCH * ENTRY_BYTES, KEY_ROOM);
    this.keyWords = new Int32Array(buffer, LONGEST_STRETCH * ENTRY_BYTES, KEY_ROOM / 4);
    this.values = this.keys;
  }

  /** Puts entry `from` in the place of entry `to`. */
  move(from: number, to: number): void {
    this.keyStarts[to] = this.keyStarts[from];
    this.keyLengths[to] = this.keyLengths[from];
    this.valueStarts[to] = this.valueStarts[from];
    this.valueLengths[to] = this.valueLengths[from];
  }

  /** Whether two entries have the same user key. */
  sameKey(a: number, b: number): boolean {
    const length = this.keyLengths[a];
    if (this.keyLengths[b] !== length) return false;
    const keys = this.keys;
    const aStart = this.keyStarts[a] | 0;
    const bStart = this.keyStarts[b] | 0;
    // From the end: neighbours differ there first.
    for (let i = length - 1; i >= 0; i--) if (keys[aStart + i] !== keys[bStart + i]) return false;
    return true;
  }
}
