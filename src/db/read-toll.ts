/**
 * What reads pay for the tables in L0. A few of them are not due for a merge, and would stay when nobody writes any
 * more: every lookup asks their filters, every seek moves a cursor in each of them. When that has cost as much as
 * merging them, they are merged. It is the problem of renting skis or buying them: who buys when the rent has come
 * to the price never pays more than twice what was best (Karlin, Manasse, Rudolph, Sleator: Competitive Snoopy
 * Caching, 1988). LevelDB has seeks pay for a table likewise.
 */

/**
 * So many bytes are merged in the time that a table in L0 costs a lookup, or a seek: 0.1 and 1.2 us, where a merge
 * takes 5.6 ns a byte (a million entries of 116 bytes).
 */
const LOOKUP_BYTES = 20;
const SEEK_BYTES = 200;

export class ReadToll {
  /** Called when the price is paid, by the read that did it, which is still under way. */
  onPaid: () => void = () => {};
  #left = Infinity;

  /** Sets the price: the bytes that the merge reads; Infinity if there is nothing to merge. */
  begin(bytes: number): void {
    this.#left = bytes;
  }

  /** A lookup has passed so many tables of L0. */
  lookup(tables: number): void {
    this.#pay(tables * LOOKUP_BYTES);
  }

  /** A cursor goes to some key in so many tables of L0. */
  seek(tables: number): void {
    this.#pay(tables * SEEK_BYTES);
  }

  #pay(bytes: number): void {
    this.#left -= bytes;
    if (this.#left > 0) return;
    this.#left = Infinity;
    this.onPaid();
  }
}
