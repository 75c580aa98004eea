/**
 * Ranks of which few are asked for most: rank i comes up in proportion to 1 / (i + 1)^theta. The method is that of
 * Gray and others, Quickly Generating Billion-Record Synthetic Databases (SIGMOD 1994), with the theta of YCSB
 * (Cooper and others, Benchmarking Cloud Serving Systems with YCSB, SoCC 2010).
 *
 * YCSB scrambles the ranks with a hash, so that the popular keys do not lie side by side, and two ranks may meet in
 * one key; here a permutation does that, so that none do.
 */
import { Permutation } from './permutation.ts';
import { Random } from './random.ts';

export const THETA = 0.99;

export class Zipfian {
  readonly items: number;
  readonly #random: Random;
  readonly #theta: number;
  readonly #zeta: number;
  readonly #alpha: number;
  readonly #eta: number;

  constructor(items: number, seed: number, theta: number = THETA) {
    this.items = items;
    this.#random = new Random(seed);
    this.#theta = theta;
    this.#zeta = zeta(items, theta);
    this.#alpha = 1 / (1 - theta);
    this.#eta = (1 - (2 / items) ** (1 - theta)) / (1 - zeta(2, theta) / this.#zeta);
  }

  /** A rank from 0, the most popular, up to the number of items. */
  next(): number {
    const uniform = this.#random.next();
    const share = uniform * this.#zeta;
    if (share < 1 || this.items === 1) return 0;
    if (share < 1 + 0.5 ** this.#theta) return 1;
    const rank = Math.floor(this.items * (this.#eta * uniform - this.#eta + 1) ** this.#alpha);
    return Math.min(rank, this.items - 1);
  }
}

/** Items by their popularity, which is spread over all of them. */
export class ScrambledZipfian {
  readonly #ranks: Zipfian;
  readonly #places: Permutation;

  constructor(items: number, seed: number) {
    this.#ranks = new Zipfian(items, seed);
    this.#places = new Permutation(items, seed);
  }

  next(): number {
    return this.#places.at(this.#ranks.next());
  }
}

function zeta(items: number, theta: number): number {
  let sum = 0;
  for (let i = 1; i <= items; i++) sum += 1 / i ** theta;
  return sum;
}
