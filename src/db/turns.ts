/**
 * Work that is done at once can be awaited over and over without the event loop ever turning: promises come
 * before all that waits in it. So such work is counted, and every so often somebody lets the loop turn.
 */

/** So much is done between two turns, bytes. */
const TURN_BYTES = 2 ** 20;

/** What an operation counts for beyond its bytes: a thousand small ones are as much as a mebibyte. */
const OPERATION_BYTES = 2 ** 10;

export class Turns {
  #bytes = 0;

  /** Counts operations, and the bytes that they moved; true when the event loop should turn now. */
  areDue(operations: number, bytes: number): boolean {
    this.#bytes += operations * OPERATION_BYTES + bytes;
    if (this.#bytes < TURN_BYTES) return false;
    this.#bytes = 0;
    return true;
  }
}
