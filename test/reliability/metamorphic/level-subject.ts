/** The engine by its abstract-level face; what that does not have is done to the engine under it. */
import type { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Snapshot } from '../../../src/db/snapshots.ts';
import type { LevelSnapshot } from '../../../src/level/level-snapshot.ts';
import { MiniLevel } from '../../../src/level/mini-level.ts';
import type { Options } from '../../../src/options.ts';
import type { Answer } from './answer.ts';
import { Cursors } from './cursors.ts';
import { chosen } from './held.ts';
import type { Host } from './hosts.ts';
import type { KeyPool } from './key-pool.ts';
import { type Level, LevelOperations } from './level-operations.ts';
import type { Model } from './model.ts';
import type { FaultyOperation, Operation } from './operations.ts';
import { isRestart, type Restartable, restart } from './restarts.ts';
import type { Subject } from './subject.ts';
import { checkApproximateSize, checkStats, checkTree, checkVerify, examine, examineCopy } from './upkeep.ts';

export class LevelSubject implements Subject, Restartable {
  readonly pool: KeyPool;
  readonly host: Host;
  readonly options: Options;
  readonly #cursors: Cursors;
  #level: MiniLevel<Uint8Array, Uint8Array>;
  #operations: LevelOperations;
  #engine: MiniLsm | undefined;

  constructor(pool: KeyPool, host: Host, options: Options) {
    this.pool = pool;
    this.host = host;
    this.options = options;
    this.#cursors = new Cursors(pool);
    this.#level = this.#newLevel();
    this.#operations = new LevelOperations(this.#level as unknown as Level, pool);
  }

  /** The engine that was open last. */
  get db(): MiniLsm {
    this.#engine ??= this.#level.engine;
    return this.#engine;
  }

  async perform(operation: Operation, answer: Answer, model: Model): Promise<boolean> {
    if (isRestart(operation)) {
      await restart(this, operation, answer, model);
      return true;
    }
    const performed = await this.#operations.perform(operation, answer);
    if (performed === 'unknown') await this.#perform(operation, answer);
    // abstract-level gives no batch to the engine that holds nothing: what it would make durable is made so by hand.
    if (operation.kind === 'write' && operation.sync && operation.writes.length === 0) this.db.sync();
    return performed !== 'refused';
  }

  async attempt(operation: FaultyOperation): Promise<void> {
    if (operation.kind === 'write') await this.#operations.write(operation);
    else if (operation.kind === 'flush') await this.#level.flush();
    else this.db.sync();
  }

  async open(): Promise<void> {
    this.#level = this.#newLevel();
    this.#operations = new LevelOperations(this.#level as unknown as Level, this.pool);
    this.#engine = undefined;
    await this.#level.open();
    checkTree(this.db);
  }

  async close(): Promise<void> {
    await this.#level.close();
  }

  forget(): void {
    this.#cursors.forget(this.db.closed);
  }

  async finish(): Promise<void> {
    await this.close();
    this.forget();
    this.host.finish();
  }

  async #perform(operation: Operation, answer: Answer): Promise<void> {
    const level = this.#level;
    switch (operation.kind) {
      case 'cursor':
        this.#cursors.open(this.db, operation.ends, this.#pinned(operation.live));
        break;
      case 'move':
        this.#cursors.move(operation.cursor, operation.moves, answer);
        break;
      case 'close cursor':
        this.#cursors.close(operation.cursor);
        break;
      case 'flush':
        await level.flush();
        break;
      case 'sync':
        this.db.sync();
        break;
      case 'compact': {
        const { gte, lte, ...other } = this.pool.range(operation.ends);
        if (gte !== undefined && lte !== undefined) await level.compactRange(gte, lte);
        else this.db.compact({ gte, lte, ...other });
        break;
      }
      case 'approximate size':
        checkApproximateSize(this.db, this.pool, operation);
        break;
      case 'stats':
        checkStats(this.db, { snapshots: this.#operations.snapshots.length });
        break;
      case 'verify':
        checkVerify(await level.verify());
        break;
      case 'checkpoint': {
        const path = this.host.newPath();
        await level.checkpoint(path);
        examineCopy(this, path, answer);
        break;
      }
      case 'examine':
        this.#cursors.showAll(answer);
        examine(this.db, this.pool, this.#operations.snapshots.map(pinnedBy), answer);
        break;
      default:
        throw new Error(`unreachable: ${operation.kind} is done elsewhere`);
    }
  }

  #newLevel(): MiniLevel<Uint8Array, Uint8Array> {
    const { fileSystem, path } = this.host;
    const encodings = { keyEncoding: 'view', valueEncoding: 'view' };
    return new MiniLevel(path, { ...this.options, ...encodings, fileSystem });
  }

  #pinned(live: number | undefined): Snapshot | undefined {
    const snapshot = live === undefined ? undefined : chosen(this.#operations.snapshots, live);
    return snapshot === undefined ? undefined : pinnedBy(snapshot);
  }
}

function pinnedBy(snapshot: object): Snapshot {
  return (snapshot as LevelSnapshot).pinned;
}
