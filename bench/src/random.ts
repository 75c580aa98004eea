/** Numbers that look random and are the same for a seed. */
import { mix } from './permutation.ts';

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to, but not, 1; in steps of 2^-32. The steps of the state are those of SplitMix (Steele, Lea and Flood, 2014). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** A whole number from 0 up to, but not, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }
}
