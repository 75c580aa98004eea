/**
 * What the rest of the engine has to know of a finished table: plain data, which may cross threads and go
 * into the manifest. Bounds are user keys, never internal ones.
 */
export interface TableSummary {
  readonly fileNumber: number;
  readonly fileBytes: number;
  readonly entryCount: number;
  readonly tombstoneCount: number;
  /** Distinct user keys. */
  readonly keyCount: number;
  /** Bytes of all user keys and values, versions counted one by one. */
  readonly dataBytes: number;
  /** The smallest user key. */
  readonly smallest: Uint8Array;
  /** The largest user key. */
  readonly largest: Uint8Array;
  readonly minSequence: number;
  readonly maxSequence: number;
}
