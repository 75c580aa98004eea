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

  /** Makes sure that all numbers given from now on are at least this one. */
  raise(least: number): void {
    if (this.next < least) Atomics.store(this.#next, 0, BigInt(least));
  }
}

function newBuffer(): SharedArrayBuffer | ArrayBuffer {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(8) : new SharedArrayBuffer(8);
}
