/**
 * The live snapshots of a database. A snapshot is a sequence number: it sees every write up to it and none
 * after. Compaction keeps the versions that the numbers in this list can see.
 */
import { LsmError } from '../errors.ts';

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
  /** The last sequence number that this snapshot sees. */
  readonly sequence: number;
  #list: SnapshotList | undefined;

  /** Only `MiniLsm.snapshot` makes snapshots. */
  constructor(sequence: number, list: SnapshotList) {
    this.sequence = sequence;
    this.#list = list;
  }

  get closed(): boolean {
    return this.#list === undefined;
  }

  /** Whether this snapshot was taken from the database with that list. */
  belongsTo(list: SnapshotList): boolean {
    return this.#list === list;
  }

  /** Lets compaction drop what only this snapshot sees. Idempotent. */
  close(): void {
    this.#list?.remove(this);
    this.#list = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export class SnapshotList {
  /** Told when a snapshot is closed: compaction may now drop what it could see. */
  onRemoved: (() => void) | undefined;
  readonly #live = new Set<Snapshot>();

  get size(): number {
    return this.#live.size;
  }

  take(sequence: number): Snapshot {
    const snapshot = new Snapshot(sequence, this);
    this.#live.add(snapshot);
    return snapshot;
  }

  remove(snapshot: Snapshot): void {
    this.#live.delete(snapshot);
    this.onRemoved?.();
  }

  /** The live sequence numbers, ascending, each once. */
  sequences(): number[] {
    const sequences = new Set<number>();
    for (const snapshot of this.#live) sequences.add(snapshot.sequence);
    return [...sequences].sort((a, b) => a - b);
  }

  /**
   * The sequence that a read with this snapshot sees.
   * @throws LsmError `LSM_CLOSED` for a closed snapshot, `LSM_INVALID_ARGUMENT` for one of another database.
   */
  sequenceOf(snapshot: unknown): number {
    if (!(snapshot instanceof Snapshot)) {
      throw new LsmError('LSM_INVALID_ARGUMENT', 'option snapshot must come from db.snapshot()');
    }
    if (snapshot.closed) {
      throw new LsmError('LSM_CLOSED', 'this snapshot is closed; take a new one with db.snapshot()');
    }
    if (!snapshot.belongsTo(this)) {
      throw new LsmError('LSM_INVALID_ARGUMENT', 'this snapshot was taken from another database');
    }
    return snapshot.sequence;
  }

  closeAll(): void {
    for (const snapshot of [...this.#live]) snapshot.close();
  }
}
