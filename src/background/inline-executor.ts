/** Runs every job within `submit`: deterministic, for tests and for file systems that no thread can share. */
import type { JobEnvironment } from '../compaction/job.ts';
import type { Executor } from './executor.ts';
import { type JobAnswer, type JobRequest, runJob } from './job.ts';

export class InlineExecutor implements Executor {
  readonly runsAside = false;
  readonly #environment: JobEnvironment;
  readonly #answers: JobAnswer[] = [];

  constructor(environment: JobEnvironment) {
    this.#environment = environment;
  }

  get hasAnswer(): boolean {
    return this.#answers.length > 0;
  }

  submit(request: JobRequest): void {
    this.#answers.push(runJob(this.#environment, request));
  }

  take(): JobAnswer | undefined {
    return this.#answers.shift();
  }

  wait(): void {}

  keepAlive(): void {}

  writeBack(): void {}

  requestStop(): void {}

  close(): void {}
}
