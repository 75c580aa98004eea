/** classic-level, which is asked what both can do; a restart of any kind is a closing and opening there. */
import { ClassicLevel } from 'classic-level';
import type { Answer } from './answer.ts';
import type { Host } from './hosts.ts';
import type { KeyPool } from './key-pool.ts';
import { type Level, LevelOperations } from './level-operations.ts';
import type { Commit } from './model.ts';
import type { Operation, WriteOperation } from './operations.ts';
import { isRestart } from './restarts.ts';
import type { Subject } from './subject.ts';

export class ClassicSubject implements Subject {
  readonly #pool: KeyPool;
  readonly #host: Host;
  #level: ClassicLevel<Uint8Array, Uint8Array>;
  #operations: LevelOperations;

  constructor(pool: KeyPool, host: Host) {
    this.#pool = pool;
    this.#host = host;
    this.#level = this.#newLevel();
    this.#operations = this.#newOperations();
  }

  async perform(operation: Operation, answer: Answer): Promise<boolean> {
    if (isRestart(operation)) {
      await this.#restart(operation.kind === 'fault' ? operation.within.map(writesOf) : []);
      await this.#everything(answer);
      return true;
    }
    if (operation.kind === 'clear') {
      await this.#clear(operation, answer);
      return true;
    }
    if (operation.kind === 'write' && operation.how === 'one by one') {
      await this.#writeInTurn(operation);
      return true;
    }
    return (await this.#operations.perform(operation, answer)) === 'answered';
  }

  /**
   * Each write is awaited before the next. Several at once go to the threads of libuv, so that of two for one key
   * either may come last: the order of calls is a promise of ours alone.
   */
  async #writeInTurn(operation: WriteOperation): Promise<void> {
    for (const write of operation.writes) await this.#operations.write({ ...operation, writes: [write] });
  }

  /** The original leaves the empty key where it is the only one of a piece: it counts the bytes that it deletes. */
  async #clear(operation: Operation & { readonly kind: 'clear' }, answer: Answer): Promise<void> {
    const keys = await this.#operations.keysOf(operation.walk);
    await this.#operations.perform(operation, answer);
    for (const key of keys) if (key.length === 0) await this.#level.del(key);
  }

  async open(): Promise<void> {
    await this.#level.open();
  }

  async finish(): Promise<void> {
    await this.#level.close();
    this.#host.finish();
  }

  async #restart(commits: readonly Commit[]): Promise<void> {
    for (const writes of commits) {
      await this.#operations.write({ kind: 'write', how: 'batch', writes, sync: false });
    }
    await this.#level.close();
    this.#level = this.#newLevel();
    this.#operations = this.#newOperations();
    await this.#level.open();
  }

  async #everything(answer: Answer): Promise<void> {
    for (const [key, value] of await this.#level.iterator().all()) {
      answer.bytes(key);
      answer.bytes(value);
    }
  }

  #newLevel(): ClassicLevel<Uint8Array, Uint8Array> {
    const small = { writeBufferSize: 65_536, blockSize: 1024, maxFileSize: 2 ** 20 };
    return new ClassicLevel(this.#host.path, { keyEncoding: 'view', valueEncoding: 'view', ...small });
  }

  #newOperations(): LevelOperations {
    return new LevelOperations(this.#level as unknown as Level, this.#pool);
  }
}

function writesOf(operation: Operation): Commit {
  return operation.kind === 'write' ? operation.writes : [];
}
