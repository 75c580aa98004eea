/**
 * The garbage rules: which entries a flush or a merge leaves out. All of them are here.
 *
 * Live snapshots cut the sequence numbers into stripes: up to the oldest snapshot, from there to the next
 * one, and so on; the last stripe belongs to the present and to every snapshot still to come. All readers of
 * a stripe see the same version of a key, its newest in that stripe or, if it has none there, in an older
 * one. Hence:
 *
 * 1. Of the versions of a user key in one stripe, only the newest is kept.
 * 2. A tombstone that is its key's newest version in the oldest stripe says "nothing here" to everybody who
 *    can see it. It is left out if nothing older can exist outside the merge: rule 1 has dropped what it
 *    hides inside, and no older table outside has the user key in its range.
 *
 * Everything else is kept. In particular a tombstone above the oldest snapshot stays, since an older reader
 * may need what lies under it.
 */
import { compareBytes, copyBytes, equalBytes } from '../bytes/compare.ts';
import { KIND_DELETE } from '../keys/internal-key.ts';
import type { UserKeyRange } from '../version/table-meta.ts';

/**
 * What lies outside of a merge and is older than it: runs of ranges, each run ascending and without overlap.
 * Every table that may hold an older version of a key in the merge must be in one of them.
 */
export type OlderRuns = readonly (readonly UserKeyRange[])[];

/**
 * Decides entry by entry, in internal order. Nothing is allocated for an entry; a new key costs a comparison
 * and a copy, and the runs of older tables are walked once from start to end.
 */
export class GarbageRules {
  /** Counts the user keys seen: two entries with the same value have the same user key. */
  keyOrdinal = 0;

  readonly #snapshots: readonly number[];
  readonly #older: OlderRuns | undefined;
  /** The first range of each run that does not lie wholly below the current key. */
  readonly #positions: number[];
  #key: Uint8Array = new Uint8Array(256);
  #keyLength = 0;
  /** Stripe of the previous version of the current key. */
  #stripe = 0;

  /**
   * `snapshots` are the live ones, ascending. `older` undefined keeps every tombstone of rule 2, as a flush
   * must: what lies below it may change before the flush is installed.
   */
  constructor(snapshots: readonly number[], older: OlderRuns | undefined) {
    this.#snapshots = snapshots;
    this.#older = older;
    this.#positions = (older ?? []).map(() => 0);
  }

  /** Starts over from the first key. */
  reset(): void {
    this.keyOrdinal = 0;
    this.#positions.fill(0);
  }

  /** Whether the next entry is kept. */
  keep(key: Uint8Array, start: number, length: number, sequence: number, kind: number): boolean {
    const stripe = this.#stripeOf(sequence);
    if (this.keyOrdinal > 0 && equalBytes(key, start, length, this.#key, 0, this.#keyLength)) {
      // Versions arrive newest first: an equal stripe means that a newer one was there.
      if (stripe === this.#stripe) return false;
    } else {
      this.#enterKey(key, start, length);
    }
    this.#stripe = stripe;
    return !(kind === KIND_DELETE && stripe === 0 && this.#older !== undefined && !this.#mayExistOutside());
  }

  /** Index of the oldest snapshot that sees the sequence; one past the last if only the present does. */
  #stripeOf(sequence: number): number {
    const snapshots = this.#snapshots;
    let low = 0;
    let high = snapshots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (snapshots[middle] >= sequence) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #enterKey(key: Uint8Array, start: number, length: number): void {
    if (length > this.#key.length) this.#key = new Uint8Array(2 * length);
    copyBytes(key, start, length, this.#key, 0);
    this.#keyLength = length;
    this.keyOrdinal++;
  }

  /** Whether an older table outside the merge has the current key in its range. */
  #mayExistOutside(): boolean {
    const runs = this.#older as OlderRuns;
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i];
      let at = this.#positions[i];
      while (at < run.length && this.#compareTo(run[at].largest) > 0) at++;
      this.#positions[i] = at;
      if (at < run.length && this.#compareTo(run[at].smallest) >= 0) return true;
    }
    return false;
  }

  #compareTo(other: Uint8Array): number {
    return compareBytes(this.#key, 0, this.#keyLength, other, 0, other.length);
  }
}
