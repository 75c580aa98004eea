/**
 * The live snapshots of a database. A snapshot is a sequence number: it sees every write up to it and none
 * after. Compaction keeps the versions that the numbers in this list can see.
 */
import { LsmError } from '../errors.ts';

/** What a live snapshot keeps from being dropped. */
interface Pin {
  readonly sequence: number;
}

/**
 * A fixed view of the database, to be given to reads as `{ snapshot }`. It keeps overwritten and deleted
 * data on disk until it is closed.
 *
 * @example
 * const snapshot = db.snapshot();
 * db.put('k', 'new');
 * db.get('k', { snapshot }); // what it was before
 * snapshot.close();
 */
export class Snapshot {
  readonly #pin: Pin;
  readonly #list: SnapshotList;

  /** Only `MiniLsm.snapshot` makes snapshots. */
  constructor(pin: Pin, list: SnapshotList) {
    this.#pin = pin;
    this.#list = list;
  }

  /** The last sequence number that this snapshot sees. */
  get sequence(): number {
    return this.#pin.sequence;
  }

  get closed(): boolean {
    return !this.#list.has(this.#pin);
  }

  /** Whether this snapshot was taken from the database with that list. */
  belongsTo(list: SnapshotList): boolean {
    return this.#list === list;
  }

  /** Lets compaction drop what only this snapshot sees. Idempotent. */
  close(): void {
    this.#list.release(this.#pin);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export class SnapshotList {
  /** Told when a snapshot is closed: compaction may now drop what it could see. */
  onReleased: (() => void) | undefined;
  /** Oldest first. */
  #live = new Set<Pin>();
  /** No live one is newer. */
  #newest = 0;
  /** Snapshots that are forgotten without being closed are closed when they are garbage. */
  readonly #forgotten = new FinalizationRegistry<Pin>((pin) => this.release(pin));

  get size(): number {
    return this.#live.size;
  }

  /** Sequence of the oldest live snapshot; undefined if there is none. */
  get oldest(): number | undefined {
    for (const { sequence } of this.#live) return sequence;
    return undefined;
  }

  take(sequence: number): Snapshot {
    const pin: Pin = { sequence };
    this.#live.add(pin);
    if (sequence >= this.#newest) this.#newest = sequence;
    // A read that has to keep what its snapshot sees comes with an older number; that is rare.
    else this.#live = new Set([...this.#live].sort((a, b) => a.sequence - b.sequence));
    const snapshot = new Snapshot(pin, this);
    this.#forgotten.register(snapshot, pin, pin);
    return snapshot;
  }

  has(pin: Pin): boolean {
    return this.#live.has(pin);
  }

  release(pin: Pin): void {
    if (!this.#live.delete(pin)) return;
    this.#forgotten.unregister(pin);
    this.onReleased?.();
  }

  /** The live sequence numbers, ascending, each once. */
  sequences(): number[] {
    const sequences: number[] = [];
    for (const { sequence } of this.#live) if (sequences.at(-1) !== sequence) sequences.push(sequence);
    return sequences;
  }

  /**
   * The sequence that a read with this snapshot sees.
   * @throws LsmError `LSM_CLOSED` for a closed snapshot, `LSM_INVALID_ARGUMENT` for one of another database.
   */
  sequenceOf(snapshot: unknown): number {
    if (!(snapshot instanceof Snapshot)) {
      throw new LsmError('LSM_INVALID_ARGUMENT', 'option snapshot must come from db.snapshot()');
    }
    if (!snapshot.belongsTo(this)) {
      throw new LsmError('LSM_INVALID_ARGUMENT', 'this snapshot was taken from another database');
    }
    if (snapshot.closed) {
      throw new LsmError('LSM_CLOSED', 'this snapshot is closed; take a new one with db.snapshot()');
    }
    return snapshot.sequence;
  }

  closeAll(): void {
    for (const pin of [...this.#live]) this.release(pin);
  }
}
