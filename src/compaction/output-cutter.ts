/**
 * Says where a merge starts its next output table: when the current one is large enough, or overlaps so much
 * of the level below the output level that compacting it later would be too large a merge (LevelDB's
 * "grandparents"). It is asked only between two user keys: all versions of one key stay in one table.
 */
import { compareBytes } from '../bytes/compare.ts';
import type { UserKeyRange } from '../version/table-meta.ts';

/** A table below the output level. */
export interface Grandparent extends UserKeyRange {
  readonly fileBytes: number;
}

export class OutputCutter {
  readonly #tableBytes: number;
  readonly #maxOverlapBytes: number;
  readonly #grandparents: readonly Grandparent[];
  #position = 0;
  #overlapBytes = 0;

  /** `grandparents` ascend and do not overlap. */
  constructor(tableBytes: number, maxOverlapBytes: number, grandparents: readonly Grandparent[]) {
    this.#tableBytes = tableBytes;
    this.#maxOverlapBytes = maxOverlapBytes;
    this.#grandparents = grandparents;
  }

  /**
   * Whether a table must end before this key; `writtenBytes` is the size of the current one, 0 if there is
   * none. To be asked once for every user key that is written, in order.
   */
  cutsBefore(key: Uint8Array, start: number, length: number, writtenBytes: number): boolean {
    const grandparents = this.#grandparents;
    while (this.#position < grandparents.length) {
      const { largest, fileBytes } = grandparents[this.#position];
      if (compareBytes(key, start, length, largest, 0, largest.length) <= 0) break;
      if (writtenBytes > 0) this.#overlapBytes += fileBytes;
      this.#position++;
    }
    const cuts =
      writtenBytes > 0 && (writtenBytes >= this.#tableBytes || this.#overlapBytes > this.#maxOverlapBytes);
    if (cuts || writtenBytes === 0) this.#overlapBytes = 0;
    return cuts;
  }
}
