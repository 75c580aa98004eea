import { AbstractSnapshot } from 'abstract-level';
import type { Snapshot } from '../db/snapshots.ts';

/** abstract-level types no constructor for those who implement it. */
const Base: new (options: object) => AbstractSnapshot = AbstractSnapshot as unknown as new (
  options: object,
) => AbstractSnapshot;

/** An explicit snapshot: the engine's, with the life cycle of abstract-level. */
export class LevelSnapshot extends Base {
  readonly pinned: Snapshot;

  constructor(options: object, pinned: Snapshot) {
    super(options);
    this.pinned = pinned;
  }

  _close(): Promise<void> {
    this.pinned.close();
    return Promise.resolve();
  }
}
