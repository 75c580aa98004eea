/** Goes through steps, either way: blocking the thread, or while the event loop turns. */
import { sleep } from '#platform';
import type { Executor } from '../background/executor.ts';
import { LsmError } from '../errors.ts';
import { checkNotAborted } from './arguments.ts';
import type { JobWait, Steps } from './steps.ts';

/** Whoever installs what jobs answer. */
export interface JobOwner {
  /** Installs finished jobs and starts what there is to do. */
  pump(): void;
  /** Has a job that failed tried once more. */
  forgetErrors(): void;
  /** The same as `pump`; false if there is nothing more to wait for. @throws LsmError the error of the job */
  mustWait(wait: JobWait): boolean;
}

export class StepRunner {
  readonly #executor: Executor;
  readonly #owner: JobOwner;
  /** Those who await the next answer of a job. */
  #awaiting: (() => void)[] = [];
  #closed = false;

  constructor(executor: Executor, owner: JobOwner) {
    this.#executor = executor;
    this.#owner = owner;
  }

  /**
   * Blocks the thread at each wait.
   * @throws LsmError the error of the job that was waited for, if it failed twice, or `LSM_READ_ONLY`.
   */
  block(steps: Steps): void {
    for (const wait of steps) {
      if (wait.kind === 'moment') {
        this.#executor.wait(wait.milliseconds);
        this.#owner.pump();
        continue;
      }
      this.#owner.forgetErrors();
      while (this.#owner.mustWait(wait)) this.#executor.wait(Infinity);
    }
  }

  /**
   * Lets the event loop turn at each wait. The process stays alive for it.
   * @throws LsmError also `LSM_ABORTED` when the signal says so, and `LSM_CLOSED`
   */
  async follow(steps: Steps, signal?: AbortSignal): Promise<void> {
    this.#checkGoesOn(signal);
    for (const wait of steps) {
      if (wait.kind === 'moment') {
        await sleep(wait.milliseconds);
        this.#checkGoesOn(signal);
        this.#owner.pump();
        continue;
      }
      this.#owner.forgetErrors();
      while (this.#owner.mustWait(wait)) {
        await this.#nextAnswer(signal);
        this.#checkGoesOn(signal);
      }
    }
  }

  /** A job has been answered. */
  wake(): void {
    if (this.#awaiting.length === 0) return;
    const awaiting = this.#awaiting;
    this.#awaiting = [];
    this.#executor.keepAlive(false);
    for (const wake of awaiting) wake();
  }

  /** There will be no more answers: whoever awaits one gets `LSM_CLOSED`. */
  close(): void {
    this.#closed = true;
    this.wake();
  }

  #nextAnswer(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake);
      this.#awaiting.push(wake);
      this.#executor.keepAlive(true);
    });
  }

  #checkGoesOn(signal: AbortSignal | undefined): void {
    if (this.#closed) throw new LsmError('LSM_CLOSED', 'the database was closed meanwhile; open it again');
    checkNotAborted(signal);
  }
}
