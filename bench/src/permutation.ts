/**
 * The numbers 0 to size - 1 in an order that looks random, computed without a table: a Feistel network of
 * four rounds over the next even number of bits, walked until it lands inside (Black and Rogaway, Ciphers
 * with Arbitrary Finite Domains, 2002). A benchmark that measures memory must not bring its own.
 */
const ROUNDS = 4;

export class Permutation {
  readonly size: number;
  readonly #halfBits: number;
  readonly #mask: number;
  readonly #seed: number;

  constructor(size: number, seed: number) {
    if (!(size >= 1 && size <= 2 ** 30)) throw new RangeError(`no permutation of ${size} numbers`);
    this.size = size;
    this.#halfBits = Math.max(1, Math.ceil(Math.log2(size) / 2));
    this.#mask = (1 << this.#halfBits) - 1;
    this.#seed = seed | 0;
  }

  /** The number at a place; every place has another one. */
  at(index: number): number {
    let value = index;
    do value = this.#encrypt(value);
    while (value >= this.size);
    return value;
  }

  #encrypt(value: number): number {
    let left = value >>> this.#halfBits;
    let right = value & this.#mask;
    for (let round = 0; round < ROUNDS; round++) {
      const next = left ^ (mix(right + Math.imul(round + 1, 0x9e3779b9) + this.#seed) & this.#mask);
      left = right;
      right = next;
    }
    return ((left << this.#halfBits) | right) >>> 0;
  }
}

/** MurmurHash3's finaliser (Austin Appleby, public domain). */
export function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
