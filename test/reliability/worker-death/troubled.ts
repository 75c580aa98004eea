/**
 * A worker dies, and while its job is done again or installed the disk fails for the owner's thread. Nobody has
 * been told a lie then: what is read is right, whatever fails says that it is the disk, a database that can no
 * longer write says why, and a reopening finds everything that was acknowledged, whole.
 */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Snapshot } from '../../../src/db/snapshots.ts';
import { LsmError } from '../../../src/errors.ts';
import { MiniLevel } from '../../../src/level/mini-level.ts';
import { describeState, History, type State } from '../world/history.ts';
import { ofEngine, stateOf } from '../world/world.ts';
import { type Death, MortalWorkers } from './deaths.ts';
import { type DiskFault, FailingDisk } from './disk-faults.ts';
import { OPTIONS, prepare, type Workload } from './workloads.ts';

export interface Troubles {
  readonly deaths: number;
  readonly faults: number;
}

/** Writes while the worker is at it: more than it takes time for in any run that goes well. */
const MOST_WRITES = 100;

/** Flushes and merges behind the first: the manifest is rewritten in one of them. */
const ROUNDS = 3;

export async function runInTrouble(
  workload: Workload,
  deaths: readonly Death[],
  fault: DiskFault,
  directory: string,
): Promise<Troubles> {
  prepare(workload, directory);
  const workers = new MortalWorkers(deaths);
  const disk = new FailingDisk(fault, () => workers.died > 0);
  const history = new History();
  await workers.inCharge(async () => {
    // As small as it can be, so that manifests are rewritten too.
    const options = { ...OPTIONS, manifestBytes: 1024, background: 'worker', fileSystem: disk } as const;
    const level = new MiniLevel(directory, options);
    await level.open();
    const trial = new Trial(level, disk, history);
    try {
      await trial.run(workload, fault);
    } finally {
      await trial.close();
    }
  });
  const verified = MiniLsm.verify(directory);
  assert.deepEqual(verified.problems, [], 'it is whole before it is opened again');
  const db = MiniLsm.open(directory, { ...OPTIONS, background: 'inline' });
  try {
    history.checkReopened(stateOf(db.scan()));
    assert.deepEqual(db.verify().problems, []);
  } finally {
    db.close();
  }
  return { deaths: workers.died, faults: disk.faults > 0 ? 1 : 0 };
}

class Trial {
  readonly #level: MiniLevel;
  readonly #db: MiniLsm;
  readonly #disk: FailingDisk;
  readonly #history: History;

  constructor(level: MiniLevel, disk: FailingDisk, history: History) {
    this.#level = level;
    this.#db = level.engine;
    this.#disk = disk;
    this.#history = history;
  }

  async run(workload: Workload, { forever }: DiskFault): Promise<void> {
    workload.write(this.#db);
    this.#history.settle(stateOf(this.#db.scan()));
    const snapshot = this.#db.snapshot();
    const before = new Map(this.#history.now);
    await this.#duringWrites(this.#attempt(() => workload.workInTurns(this.#level)));
    this.#checkReads(snapshot, before);
    for (let round = 0; round < ROUNDS; round++) {
      this.#put('later', `round ${round}`, true);
      await this.#attempt(() => this.#level.flush());
      await this.#attempt(() => this.#level.compactRange('', '~'));
    }
    this.#checkReads(snapshot, before);
    if (!forever) await this.#checkRecovered();
    this.#checkReads(snapshot, before);
    snapshot.close();
  }

  async close(): Promise<void> {
    await this.#attempt(() => this.#level.close());
  }

  get #failure(): LsmError | undefined {
    return internals(this.#db).core.failure;
  }

  async #duringWrites(work: Promise<boolean>): Promise<void> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    for (let i = 0; i < MOST_WRITES && !isOver; i++) {
      this.#put(`meanwhile ${i % 7}`, `write ${i}`, i % 2 === 0);
      await setTimeout(2);
    }
    await over;
  }

  #put(key: string, value: string, sync: boolean): void {
    try {
      this.#db.put(key, value, { sync });
      this.#history.commit([[key, value]]);
    } catch (thrown) {
      const { code } = this.#checked(thrown);
      // One that only finds the database read-only has not begun.
      if (code !== 'LSM_READ_ONLY' && this.#failure !== undefined) this.#history.doubt([[key, value]]);
    }
  }

  /** The trouble is over: the database does everything that it could not do, or it is read-only and says why. */
  async #checkRecovered(): Promise<void> {
    this.#disk.end();
    const before = this.#failure;
    this.#put('after', 'the trouble', false);
    const flushed = await this.#attempt(() => this.#level.flush());
    const compacted = await this.#attempt(() => this.#level.compactRange('', '~'));
    assert.equal(this.#failure, before, 'nothing fails any more');
    assert.equal(flushed, before === undefined);
    assert.ok(compacted || before !== undefined);
    if (before === undefined) assert.deepEqual(this.#db.verify().problems, []);
    else assert.equal(this.#db.stats().failure, before.message);
  }

  /** Whether it succeeds; if not, for a good reason. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (thrown) {
      this.#checked(thrown);
      return false;
    }
  }

  /** An error must be one of the disk, and say so; one that ended writing is told to every later write. */
  #checked(thrown: unknown): LsmError {
    const error = ofEngine(thrown);
    if (error === undefined) throw thrown;
    assert.ok(['LSM_IO', 'LSM_NO_SPACE', 'LSM_READ_ONLY'].includes(error.code), String(error));
    assert.ok(this.#stems(error), `an error of the disk: ${error.message}`);
    if (error.code === 'LSM_READ_ONLY') {
      assert.match(error.message, /no more writes since an earlier failure: cannot .*; reads go on/);
      assert.equal(error.cause, this.#failure);
    }
    return error;
  }

  #stems(error: LsmError): boolean {
    for (let at: unknown = error; at instanceof LsmError; at = at.cause) {
      if (this.#disk.injected.includes(at)) return true;
    }
    return false;
  }

  #checkReads(snapshot: Snapshot, before: State): void {
    const { now } = this.#history;
    for (const reverse of [false, true]) {
      assert.equal(describeState(stateOf(this.#db.scan({ reverse }))), describeState(now), 'what is read');
    }
    assert.equal(describeState(stateOf(this.#db.scan({ snapshot }))), describeState(before), 'a snapshot');
  }
}
