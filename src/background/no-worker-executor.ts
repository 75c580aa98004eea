/** Stands in for the worker where there are no worker threads of Node's kind, such as in a browser. */
import { LsmError } from '../errors.ts';
import type { Executor } from './executor.ts';
import type { JobAnswer } from './job.ts';

export class WorkerExecutor implements Executor {
  readonly runsAside = false;
  readonly hasAnswer = false;

  constructor() {
    throw new LsmError(
      'LSM_INVALID_ARGUMENT',
      "this runtime has no worker threads; use background: 'inline'",
    );
  }

  submit(): void {}

  take(): JobAnswer | undefined {
    return undefined;
  }

  wait(): void {}

  keepAlive(): void {}

  writeBack(): void {}

  requestStop(): void {}

  close(): void {}
}
