/**
 * A layer that loses some syncs: it says that they are done, and the disk never hears of them. What crash states
 * are good for is shown by taking away one sync after the other.
 */
import type { FileSystem } from '../../src/fs/file-system.ts';
import { type Call, Layer } from './layer.ts';

export interface Sync {
  /** What is synced: a file or a directory. */
  readonly path: string;
  /** For a directory, the path of what was created there, renamed to there or linked there last. */
  readonly newest: string | undefined;
}

export class DroppedSyncs extends Layer {
  /** How many syncs were lost. */
  dropped = 0;
  readonly #drops: (sync: Sync) => boolean;
  readonly #newest = new Map<string, string>();

  constructor(inner: FileSystem, drops: (sync: Sync) => boolean) {
    super(inner);
    this.#drops = drops;
  }

  protected override perform<Result>(call: Call<Result>): Result {
    const { kind, path, to } = call.operation;
    if (kind === 'sync' || kind === 'syncDirectory') {
      if (this.#drops({ path, newest: this.#newest.get(path) })) {
        this.dropped += 1;
        return undefined as Result;
      }
    }
    const named = kind === 'create' ? path : kind === 'rename' || kind === 'link' ? to : undefined;
    if (named !== undefined) this.#newest.set(named.slice(0, named.lastIndexOf('/')), named);
    return super.perform(call);
  }
}
