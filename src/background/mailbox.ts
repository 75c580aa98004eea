/**
 * The memory that the owner of a database shares with one worker thread: a counter of answers on which the
 * owner can sleep, a flag that asks running jobs to stop, and a sign of life. It lets a synchronous loop of
 * writes learn of finished jobs, and wait for them, without ever returning to the event loop. Every worker
 * has a mailbox of its own, so that one that was given up can disturb nobody.
 *
 *     word 0   answers given so far (wraps)        owner sleeps on it, worker wakes it
 *     word 1   1 = stop running jobs               owner writes, worker reads
 *     word 2   0 = the worker has not started yet; its native thread id, or -1 where nobody tells it;
 *              -2 = it has ended by itself
 */
const ANSWERS = 0;
const STOP = 1;
const THREAD = 2;

const ENDED = -2;

export class Mailbox {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** Over the buffer of another thread's mailbox, or over a new one. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(12)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
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

  /** Worker: it runs, as the thread with this native id; -1 if it can't tell. */
  announceStart(thread: number): void {
    Atomics.store(this.#words, THREAD, thread);
  }

  /** Worker: it ends, whatever the reason is. One that is terminated from outside can't tell. */
  announceEnd(): void {
    Atomics.store(this.#words, THREAD, ENDED);
    Atomics.notify(this.#words, ANSWERS);
  }

  get hasEnded(): boolean {
    return this.thread === ENDED;
  }

  /** What the worker announced when it started; 0 before. */
  get thread(): number {
    return Atomics.load(this.#words, THREAD);
  }
}
