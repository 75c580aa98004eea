/** What the benchmark asks of an engine. Each method does one slice, or one walk, by the calls of its row. */
import type { Slice } from './workload.ts';

export const ENGINE_NAMES = ['mini-lsm', 'classic-level'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** A count of what was found or read, by which the runner checks that the engine did its work. */
export type Count = number | Promise<number>;

export interface Engine {
  close(): Promise<void>;
  /** One write a call. */
  put(slice: Slice): void | Promise<void>;
  delete(slice: Slice): void | Promise<void>;
  /** All of the slice in one atomic batch. */
  batch(slice: Slice): void | Promise<void>;
  /** Point reads by the quickest call there is; how many were found. */
  get(slice: Slice): Count;
  /** Point reads by the call that is used in asynchronous code. */
  getAsync(slice: Slice): Count;
  /** Walks over all entries. */
  walk(reverse: boolean): Count;
  /** Moves one cursor from key to key and reads `entries` from each on. */
  seek(slice: Slice, entries: number): Count;
  /** Asks for `entries` from each key on, every time anew. */
  range(slice: Slice, entries: number): Count;
}
