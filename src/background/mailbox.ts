/**
 * The memory that the owner of a database and its worker thread share, besides memtables: a counter of
 * answers on which the owner can sleep, a flag that asks running jobs to stop, the next file number, and
 * the worker's thread id. It lets a synchronous loop of writes learn of finished jobs, and wait for them,
 * without ever returning to the event loop.
 *
 *     word 0   answers given so far (wraps)      owner sleeps on it, worker wakes it
 *     word 1   1 = stop running jobs             owner writes, worker reads
 *     word 2   native id of the worker's thread  worker writes once; 0 = unknown
 *     word 3   unused
 *     word 4-5 next file number, 64 bits         both take numbers from it
 */
const ANSWERS = 0;
const STOP = 1;
const THREAD = 2;
const NEXT_FILE = 2; // index among 64-bit words
const BYTES = 24;

export class Mailbox {
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  readonly #words: Int32Array;
  readonly #longs: BigInt64Array;

  /** Over a buffer of another thread's mailbox, or over a new one. */
  constructor(buffer: SharedArrayBuffer | ArrayBuffer = newBuffer()) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#longs = new BigInt64Array(buffer);
  }

  /** A file number that nobody had before. */
  allocateFileNumber(): number {
    return Number(Atomics.add(this.#longs, NEXT_FILE, 1n));
  }

  /** The number that {@link allocateFileNumber} gives next. */
  get nextFileNumber(): number {
    return Number(Atomics.load(this.#longs, NEXT_FILE));
  }

  /** Makes sure that all numbers given from now on are at least this one. */
  raiseFileNumber(least: number): void {
    if (this.nextFileNumber < least) Atomics.store(this.#longs, NEXT_FILE, BigInt(least));
  }

  get answers(): number {
    return Atomics.load(this.#words, ANSWERS);
  }

  /** Worker: an answer is ready to be received. */
  announceAnswer(): void {
    Atomics.add(this.#words, ANSWERS, 1);
    Atomics.notify(this.#words, ANSWERS);
  }

  /** Owner: sleeps until the count of answers is no longer `seen`, at most so long. */
  sleep(seen: number, milliseconds: number): void {
    Atomics.wait(this.#words, ANSWERS, seen, milliseconds);
  }

  get stopRequested(): boolean {
    return Atomics.load(this.#words, STOP) !== 0;
  }

  requestStop(): void {
    Atomics.store(this.#words, STOP, 1);
  }

  get workerThread(): number {
    return Atomics.load(this.#words, THREAD);
  }

  set workerThread(id: number) {
    Atomics.store(this.#words, THREAD, id);
  }
}

function newBuffer(): SharedArrayBuffer | ArrayBuffer {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(BYTES) : new SharedArrayBuffer(BYTES);
}
