/**
 * Long work, written once for both faces: as steps, a generator that yields whatever it has to wait for. The
 * synchronous calls block the thread at each wait, the asynchronous ones let the event loop turn
 * (`Maintenance.block` and `Maintenance.follow`).
 */

/** Something that background work brings about, or so many milliseconds. */
export type Wait =
  | {
      readonly kind: 'until';
      readonly over: () => boolean;
      /** The kind of job that brings it about. */
      readonly work: 'flush' | 'merge';
    }
  | { readonly kind: 'moment'; readonly milliseconds: number };

export type Steps = Generator<Wait, void, void>;
