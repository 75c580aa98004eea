import { LsmError } from '../errors.ts';

/** Beyond this come the numbers that a session may still give itself: more than it can ever use. */
const MOST = 2 ** 52;

/**
 * Gives out file numbers, to the owner of a database and to its worker alike. No number is given twice, and
 * none that a file in the directory has.
 */
export class FileNumbers {
  /** Hand this to another thread, and make a `FileNumbers` over it there. */
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  readonly #next: BigInt64Array;

  constructor(buffer: SharedArrayBuffer | ArrayBuffer = newBuffer()) {
    this.buffer = buffer;
    this.#next = new BigInt64Array(buffer);
  }

  /** A number that nobody had before. */
  allocate(): number {
    return Number(Atomics.add(this.#next, 0, 1n));
  }

  /** The number that {@link allocate} gives next. */
  get next(): number {
    return Number(Atomics.load(this.#next, 0));
  }

  /**
   * Makes sure that all numbers given from now on are at least this one.
   * @throws LsmError `LSM_TOO_LARGE` if hardly any are left, which no honest database comes to
   */
  raise(least: number): void {
    if (least > MOST) {
      const message =
        `a file of the database has number ${least - 1}, by its name or the manifest, which leaves none for new ` +
        'ones; move it away if it does not belong there, or restore a backup';
      throw new LsmError('LSM_TOO_LARGE', message);
    }
    if (this.next < least) Atomics.store(this.#next, 0, BigInt(least));
  }
}

function newBuffer(): SharedArrayBuffer | ArrayBuffer {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(8) : new SharedArrayBuffer(8);
}
