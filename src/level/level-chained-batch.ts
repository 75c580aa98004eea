import { AbstractChainedBatch } from 'abstract-level';
import type { GroupCommit } from '../db/group-commit.ts';
import { WriteBatch } from '../wal/write-batch.ts';
import type { Format } from './formats.ts';
import type { ChainedBatchWriteOptions, WriteOptions } from './level-options.ts';

/** A batch that is put together step by step; what is added is encoded at once and kept nowhere else. */
export class ChainedBatch<TDatabase, KDefault, VDefault> extends AbstractChainedBatch<
  TDatabase,
  KDefault,
  VDefault
> {
  declare write: (options?: ChainedBatchWriteOptions) => Promise<void>;
  readonly #groups: GroupCommit;
  readonly #batch = new WriteBatch();

  constructor(db: TDatabase, groups: GroupCommit) {
    super(db);
    this.#groups = groups;
  }

  _put(key: Format, value: Format): void {
    this.#batch.put(key, value);
  }

  _del(key: Format): void {
    this.#batch.delete(key);
  }

  _clear(): void {
    this.#batch.clear();
  }

  _write(options: WriteOptions): Promise<void> {
    return this.#groups.write((group) => group.append(this.#batch), options.sync === true);
  }
}
