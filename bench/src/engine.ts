/**
 * What the benchmark asks of a database. An adapter makes each of these calls the way the documentation of its
 * database advises, and does no more. A call that ends at once gives no promise, so that a synchronous database is
 * not made to wait for a turn of the event loop.
 */
import type { Data, DataForm, Encoding, Slice } from './data.ts';
import type { Durability } from './result.ts';

/** A count of what was read, by which the runner checks that the engine did its work. */
export type Count = number | Promise<number>;

/** A promise where the write is not done when the call returns. */
type Written = Promise<unknown> | unknown;

export interface Engine {
  /** Done when the write is as durable as the engine was opened for. */
  put(key: Data, value: Data): Written;
  delete(key: Data): Written;
  /** All of a slice, whole or not at all. */
  batch(slice: Slice): Written;
  /** The quickest point read there is; undefined if there is nothing. */
  get(key: Data): Data | undefined;
  /** How many of these were found. */
  getMany(keys: readonly Data[]): Count;
  /** Reads all entries, keys and values. */
  walk(reverse: boolean): Count;
  /** Goes to each key of a slice, and reads so many entries from there on; by one cursor if there is such a thing. */
  seek(slice: Slice, entries: number): Count;
  /** Reads so many entries from a key on. */
  range(key: Data, entries: number): Count;
  close(): Promise<void>;

  // What not all of them have.

  /** Point read by a promise. */
  getLater?(key: Data): Promise<Data | undefined>;
  /** A put of which several may be under way. */
  putLater?(key: Data, value: Data): Promise<unknown>;
  /** Reads all entries, one at a time. */
  iterate?(): Count;
  /** Rewrites all files in their best form. */
  compact?(): Written;
}

/** The names of the calls, as engines and workloads speak of them. */
export type Call = Exclude<keyof Engine, 'close'> | 'open';

export interface EngineSetup {
  /** It belongs to the engine alone, and is empty at first. */
  readonly directory: string;
  readonly durability: Durability;
  readonly cacheBytes: number;
  readonly encoding: Encoding;
}

/** A database that lives in a Node.js process. */
export interface EngineModule {
  /** What is written of it, by the calls it has. */
  readonly calls: Readonly<Partial<Record<Call, string>>>;
  /** Keeps nothing on a disk: durable writes are not measured. */
  readonly inMemory: boolean;
  form(encoding: Encoding): DataForm;
  open(setup: EngineSetup): Promise<Engine>;
}
