/** New inputs out of old ones: small changes at random, some after each other. */
import type { Random } from '../../support/random.ts';

/** Numbers at which decoders change their mind. */
const TELLING: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 21, 31, 32, 48, 63, 64, 100, 127, 128, 255, 256, 512, 1000, 1024, 4095,
  4096, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];

const MOST_CHANGES = 6;

export class Mutator {
  readonly #random: Random;
  readonly #longest: number;
  readonly #words: readonly Uint8Array[];
  /** What is being changed: `#bytes[0, #length)`. */
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(random: Random, longest: number, words: readonly string[]) {
    this.#random = random;
    this.#longest = longest;
    this.#words = words.map((word) => Uint8Array.from(word, (character) => character.charCodeAt(0)));
    this.#bytes = new Uint8Array(longest);
  }

  /** A changed copy of `parent`; `other` is another input, of which it may get a piece. */
  mutate(parent: Uint8Array, other: Uint8Array): Uint8Array {
    this.#length = Math.min(parent.length, this.#longest);
    this.#bytes.set(parent.subarray(0, this.#length));
    for (let left = 1 + this.#random.below(MOST_CHANGES); left > 0; left--) this.#change(other);
    return this.#bytes.slice(0, this.#length);
  }

  #change(other: Uint8Array): void {
    const random = this.#random;
    const bytes = this.#bytes;
    const at = random.below(this.#length);
    switch (this.#length === 0 ? 9 : random.below(16)) {
      case 0:
      case 1:
        bytes[at] ^= 1 << random.below(8);
        return;
      case 2:
        bytes[at] = random.below(256);
        return;
      case 3:
        bytes[at] += random.below(2) * 2 - 1;
        return;
      case 4:
      case 5:
        this.#setNumber(at, TELLING[random.below(TELLING.length)]);
        return;
      case 6:
        // A length or an offset that just fits, or just does not.
        this.#setNumber(at, Math.max(0, this.#length - at - random.below(40)));
        return;
      case 7:
        this.#addToNumber(at, random.below(33) - 16);
        return;
      case 8:
        this.#remove(at, 1 + random.below(Math.min(64, this.#length - at)));
        return;
      case 9:
        this.#insert(at, other, random.below(other.length), 1 + random.below(64));
        return;
      case 10:
        this.#insert(at, bytes.slice(0, this.#length), random.below(this.#length), 1 + random.below(128));
        return;
      case 11:
        this.#copy(at, random.below(this.#length), 1 + random.below(64));
        return;
      case 12:
        bytes.fill(random.below(2) * 255, at, Math.min(this.#length, at + 1 + random.below(32)));
        return;
      case 13:
        this.#length = at;
        return;
      case 14:
        this.#crossWith(other, at);
        return;
      default:
        this.#writeWord(at);
    }
  }

  #setNumber(at: number, value: number): void {
    const width = Math.min(1 << this.#random.below(4), this.#length - at);
    for (let i = 0; i < width; i++) this.#bytes[at + i] = i < 4 ? value >>> (8 * i) : 0;
  }

  #addToNumber(at: number, difference: number): void {
    let carry = difference;
    for (let i = at; i < Math.min(at + 4, this.#length) && carry !== 0; i++) {
      const sum = this.#bytes[i] + carry;
      this.#bytes[i] = sum;
      carry = sum >> 8;
    }
  }

  #remove(at: number, count: number): void {
    this.#bytes.copyWithin(at, at + count, this.#length);
    this.#length -= count;
  }

  #insert(at: number, from: Uint8Array, start: number, most: number): void {
    const count = Math.min(most, from.length - start, this.#longest - this.#length);
    this.#bytes.copyWithin(at + count, at, this.#length);
    this.#bytes.set(from.subarray(start, start + count), at);
    this.#length += count;
  }

  #copy(to: number, from: number, most: number): void {
    const count = Math.min(most, this.#length - Math.max(to, from));
    this.#bytes.copyWithin(to, from, from + count);
  }

  /** What follows comes from another input. */
  #crossWith(other: Uint8Array, at: number): void {
    const start = Math.min(at, other.length);
    const count = Math.min(other.length - start, this.#longest - at);
    this.#bytes.set(other.subarray(start, start + count), at);
    this.#length = at + count;
  }

  #writeWord(at: number): void {
    if (this.#words.length === 0) return;
    const word = this.#words[this.#random.below(this.#words.length)];
    const count = Math.min(word.length, this.#longest - at);
    this.#bytes.set(word.subarray(0, count), at);
    this.#length = Math.max(this.#length, at + count);
  }
}
