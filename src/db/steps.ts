/**
 * Long work, written once for both faces: as steps, a generator that yields whatever it has to wait for. The
 * synchronous calls block the thread at each wait, the asynchronous ones let the event loop turn; both are
 * done by a `StepRunner`.
 */

/** Something that a job in the background brings about. */
export interface JobWait {
  readonly kind: 'until';
  readonly over: () => boolean;
  readonly work: 'flush' | 'merge';
}

/** What work has to wait for. */
export type Wait = JobWait | { readonly kind: 'moment'; readonly milliseconds: number };

export type Steps = Generator<Wait, void, void>;
