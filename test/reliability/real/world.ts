/**
 * One directory, the lives that are led in it, and what must be there after each of them: a prefix of the
 * order of commits with everything that was promised, batches whole, nothing but what was under way beyond it;
 * the lock can be taken; a copy is there as a whole or not at all; `verify` finds nothing, and nothing is left
 * lying around.
 */
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import type { Random } from '../../support/random.ts';
import { type Life, UNDER_WAY } from './life.ts';
import { SMALL } from './options.ts';
import { type Ending, lastOf } from './process.ts';
import type { Scene } from './scenes.ts';
import { readState, type State, stepsSurvived } from './state.ts';
import { isDurable, type Step, story } from './story.ts';

/** What ends the lives of a world. */
export interface End {
  /** What the counts call it: `kills`. */
  readonly unit: string;
  /**
   * Whether what was acknowledged survives only if it was synced, before the end began. With the end upon it
   * ext4 may say of an fsync that it was done which it never did; with the power off it could not say anything.
   */
  readonly losesUnsynced: boolean;
  /** Ends a life after so many messages and milliseconds, and lets the directory be opened again. */
  readonly after: (life: Life, messages: number, milliseconds: number) => Promise<Ending>;
}

export class World {
  readonly counts: Record<string, number>;
  readonly #path: string;
  readonly #seed: number;
  readonly #end: End;
  #state: State = new Map();
  #everOpened = false;

  /** @param path the directory of the database; copies are made next to it */
  constructor(path: string, seed: number, end: End) {
    this.#path = path;
    this.#seed = seed;
    this.#end = end;
    this.counts = { [end.unit]: 0, acknowledgements: 0, 'bytes discarded': 0, copies: 0 };
  }

  async live(scene: Scene, random: Random): Promise<void> {
    const { unit } = this.#end;
    const life: Life = {
      path: this.#path,
      seed: this.#seed * 100 + this.counts[unit],
      plot: scene.plot,
      options: { ...SMALL, background: scene.background, compression: random.oneIn(2) ? 'lz4' : 'none' },
      face: scene.face,
    };
    const messages = scene.messages(random);
    const milliseconds = (random.below(1000) * scene.milliseconds) / 1000;
    try {
      const ending = await this.#end.after(life, messages, milliseconds);
      this.counts[unit] += 1;
      this.counts.acknowledgements += ending.acknowledged.length;
      this.#check(life, ending);
    } catch (error) {
      const when = `life ${this.counts[unit]}, ${scene.name}, after ${messages} messages and ${milliseconds} ms`;
      throw new Error(when, { cause: error });
    }
  }

  #check(life: Life, ending: Ending): void {
    this.#everOpened ||= ending.opened;
    const last = lastOf(ending.acknowledged);
    const promised = this.#end.losesUnsynced ? lastDurable(life, ending.acknowledgedBefore) : last;
    const db = MiniLsm.open(this.#path, {
      ...life.options,
      background: 'inline',
      createIfMissing: !this.#everOpened,
    });
    try {
      const found = readState(db);
      const most = last + UNDER_WAY[life.face];
      const survived = stepsSurvived(this.#state, story(life.seed, life.plot), found, promised, most);
      assert.deepEqual(db.verify().problems, []);
      assertTidy(this.#path);
      this.#checkCopies(life, Math.max(survived, last), promised);
      this.counts['bytes discarded'] += db.recovery.bytesDiscarded;
      this.#state = found;
    } finally {
      db.close();
    }
  }

  /** A copy is whole if its call returned, and else whole or not there. */
  #checkCopies({ seed, plot }: Life, begun: number, acknowledged: number): void {
    if (plot.checkpoint === 0) return;
    const steps: Step[] = [];
    for (const step of story(seed, plot)) {
      if (steps.length > begun) break;
      steps.push(step);
      if (step.kind !== 'checkpoint') continue;
      const before = steps.length - 1;
      const path = join(this.#path, '..', step.name);
      const found = stateOfCopy(path);
      assert.ok(found !== undefined || before >= acknowledged, `${step.name} is there, as its call returned`);
      if (found !== undefined) {
        stepsSurvived(this.#state, steps, found, before, before);
        this.counts.copies += 1;
      }
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/** The last acknowledged step that had to be on the disk, and all before it with it. */
function lastDurable({ seed, plot }: Life, acknowledged: readonly number[]): number {
  const told = new Set(acknowledged);
  const last = lastOf(acknowledged);
  let durable = 0;
  let at = 0;
  for (const step of story(seed, plot)) {
    if (at === last) break;
    at += 1;
    if (isDurable(step) && told.has(at)) durable = at;
  }
  return durable;
}

function stateOfCopy(path: string): State | undefined {
  let copy: MiniLsm;
  try {
    copy = MiniLsm.open(path, { background: 'inline', createIfMissing: false, cacheBytes: 0 });
  } catch (error) {
    if (error instanceof LsmError && error.code === 'LSM_NOT_FOUND') return undefined;
    throw error;
  }
  try {
    assert.deepEqual(copy.verify().problems, []);
    return readState(copy);
  } finally {
    copy.close();
  }
}

/** Nothing is left of the process that was ended: no half made file, and no lock but that of this one. */
function assertTidy(path: string): void {
  const kinds = readdirSync(path).map((name) => parseFileName(name)?.kind ?? name);
  const count = (kind: string): number => kinds.filter((other) => other === kind).length;
  for (const [kind, most] of [
    ['current-temporary', 0],
    ['lock', 1],
    ['manifest', 1],
  ] as const) {
    assert.ok(count(kind) <= most, `${count(kind)} files of kind ${kind} are left`);
  }
}
