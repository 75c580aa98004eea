/**
 * Reads by key. What a read sees is fixed at the call, by the sequence number up to which it sees. What is in
 * memory or one block away is returned as it is; only many keys make a promise.
 */
import { nextTurn } from '#platform';
import { checkNotAborted } from '../db/arguments.ts';
import type { Internals } from '../db/mini-lsm.ts';
import type { Decoder, Format } from './formats.ts';
import { asLevelError, LevelError, withLevelErrors } from './level-error.ts';
import type { LevelSnapshot } from './level-snapshot.ts';

/** So many keys are read at once; more let the event loop turn. */
const KEYS_PER_TURN = 1000;

/** What reads heed of the options that abstract-level hands on. */
export interface PointReadOptions {
  readonly snapshot?: LevelSnapshot | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The value of a key. */
export function readOne(
  parts: Internals,
  key: Format,
  sequence: number,
  decode: Decoder,
): Format | undefined {
  try {
    const found = parts.find(key, sequence);
    return found === undefined ? undefined : decode(found.value, found.valueStart, found.valueLength);
  } catch (error) {
    throw asLevelError(error);
  }
}

/** Whether a key is there. */
export function hasOne(parts: Internals, key: Format, sequence: number): boolean {
  return withLevelErrors(() => parts.find(key, sequence) !== undefined);
}

/** What `read` makes of each of many keys, all as of one moment. */
export function readMany<Item>(
  parts: Internals,
  keys: readonly Format[],
  options: PointReadOptions,
  read: (key: Format, sequence: number) => Item,
): Item[] | Promise<Item[]> {
  const sequence = sequenceOf(parts, options);
  if (keys.length <= KEYS_PER_TURN) return keys.map((key) => read(key, sequence));
  return readInTurns(parts, keys, sequence, options.signal, read);
}

/** Up to which write a read with these options sees. */
export function sequenceOf({ core }: Internals, { snapshot }: PointReadOptions): number {
  if (snapshot === undefined || snapshot === null) return core.lastSequence;
  if (snapshot.pinned?.closed) {
    throw new LevelError(
      'LEVEL_SNAPSHOT_NOT_OPEN',
      'Snapshot is not open: cannot use snapshot after close()',
    );
  }
  return core.snapshots.sequenceOf(snapshot.pinned);
}

async function readInTurns<Item>(
  { core }: Internals,
  keys: readonly Format[],
  sequence: number,
  signal: AbortSignal | undefined,
  read: (key: Format, sequence: number) => Item,
): Promise<Item[]> {
  const pinned = core.snapshots.take(sequence);
  try {
    const items: Item[] = [];
    for (const key of keys) {
      items.push(read(key, sequence));
      if (items.length % KEYS_PER_TURN !== 0) continue;
      await nextTurn();
      withLevelErrors(() => checkNotAborted(signal));
    }
    return items;
  } finally {
    pinned.close();
  }
}
