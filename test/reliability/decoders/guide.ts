/** Tells which runs came somewhere new, by the counters of the modules that a target covers. */
import type { CountedModule, Counters } from '../../support/instrument/counters.ts';

/** How often a place was passed, in classes: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, more. One bit each. */
const CLASSES: Uint8Array = Uint8Array.from({ length: 256 }, (_, hits) => {
  if (hits < 4) return [0, 1, 2, 4][hits];
  return [8, 16, 32, 64, 64, 128][Math.floor(Math.log2(hits)) - 2];
});

/** Runs after which all counters are cleared, those of other modules too. */
const CLEARED_EVERY = 64;

export class Guide {
  readonly #hits: Uint32Array;
  readonly #modules: readonly CountedModule[];
  /** The classes that were seen at each place. */
  readonly #seen: Uint8Array;
  /** Places passed in the run that was looked at last. */
  steps = 0;
  #runs = 0;

  constructor(counters: Counters, covers: readonly string[]) {
    this.#hits = counters.hits;
    this.#modules = counters.modules.filter(({ path }) => covers.some((start) => path.startsWith(start)));
    this.#seen = new Uint8Array(this.#hits.length);
  }

  /** Forgets what was passed until now. */
  clear(): void {
    this.#hits.fill(0);
  }

  /** How many places with new classes the run since the last call came by. */
  take(): number {
    const hits = this.#hits;
    const seen = this.#seen;
    let fresh = 0;
    let steps = 0;
    for (const { start, length } of this.#modules) {
      for (let i = start, end = start + length; i < end; i++) {
        const count = hits[i];
        if (count === 0) continue;
        hits[i] = 0;
        steps += count;
        const bit = CLASSES[count < 255 ? count : 255];
        if ((seen[i] & bit) !== 0) continue;
        seen[i] |= bit;
        fresh++;
      }
    }
    this.steps = steps;
    // What is not covered counts too, and must not come to look endless.
    if (++this.#runs % CLEARED_EVERY === 0) this.clear();
    return fresh;
  }

  /** Places that any run came by, and all there are. */
  get reached(): { readonly places: number; readonly of: number } {
    let places = 0;
    let of = 0;
    for (const { start, length } of this.#modules) {
      of += length;
      for (let i = start; i < start + length; i++) if (this.#seen[i] !== 0) places++;
    }
    return { places, of };
  }
}
