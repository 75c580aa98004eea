/**
 * `kill -9` of a real process, again and again on the same directory: every write that it told of is there,
 * whether synced or not, in the order of commits and with batches whole, and nothing else but what was under
 * way; its lock is taken over; a copy is there as a whole or not at all; and `verify` finds nothing.
 *
 * A seed decides what is done and after how many messages the process is killed. The moment itself is up to
 * the machine, so that a case that found something may have to be repeated a few times.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import { Random } from '../../support/random.ts';
import type { Explorer } from '../explorer.ts';
import { SMALL } from '../real/options.ts';
import { type Ending, killedAfter } from '../real/process.ts';
import { readState, type State, stepsSurvived } from '../real/state.ts';
import { type Plot, type Step, story } from '../real/story.ts';
import { type Life, UNDER_WAY } from '../real/writer.ts';

const WRITING: Plot = { sync: 40, flush: 150, compact: 0, checkpoint: 0 };
const NOTHING: Plot = { sync: 0, flush: 0, compact: 0, checkpoint: 0 };

/** What a life is about, and when it is ended: after so many messages, and so many milliseconds more. */
interface Scene {
  readonly name: string;
  readonly face: Life['face'];
  readonly background: 'worker' | 'inline';
  readonly plot: Plot;
  readonly messages: (random: Random) => number;
  readonly milliseconds: number;
}

const few = (random: Random): number => 2 + random.below(random.oneIn(2) ? 50 : 1000);

/** One after the other on a directory, so that each opens what the one before it left. */
const SCENES: readonly Scene[] = [
  { name: 'writing', face: 'engine', background: 'inline', plot: WRITING, messages: few, milliseconds: 0 },
  {
    name: 'opening',
    face: 'engine',
    background: 'inline',
    plot: WRITING,
    messages: () => 1,
    milliseconds: 8,
  },
  {
    name: 'with a worker',
    face: 'engine',
    background: 'worker',
    plot: WRITING,
    messages: few,
    milliseconds: 30,
  },
  {
    name: 'by MiniLevel',
    face: 'level',
    background: 'worker',
    plot: WRITING,
    messages: few,
    milliseconds: 10,
  },
  {
    name: 'copying',
    face: 'engine',
    background: 'inline',
    plot: { ...WRITING, checkpoint: 20 },
    messages: (random) => 2 + random.below(100),
    milliseconds: 1,
  },
  {
    name: 'compacting',
    face: 'engine',
    background: 'inline',
    plot: { ...WRITING, flush: 20, compact: 60 },
    messages: (random) => 2 + random.below(200),
    milliseconds: 2,
  },
  {
    name: 'repairing',
    face: 'repair',
    background: 'inline',
    plot: NOTHING,
    messages: (random) => 1 + random.below(4),
    milliseconds: 4,
  },
];

export const explorer: Explorer = {
  name: 'kill',
  unit: 'kills',
  budget: { test: 200, long: 5000 },
  async explore(seed) {
    const random = new Random(seed);
    const parent = realpathSync(mkdtempSync(join(tmpdir(), 'mini-lsm-kill-')));
    try {
      const world = new World(join(parent, 'db'), seed);
      for (const scene of SCENES) await world.live(scene, random);
      return world.counts;
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  },
};

/** One directory and what must be in it. */
class World {
  readonly counts: Record<string, number> = { kills: 0, acknowledgements: 0, 'bytes discarded': 0 };
  readonly #path: string;
  readonly #seed: number;
  #state: State = new Map();
  #everOpened = false;

  constructor(path: string, seed: number) {
    this.#path = path;
    this.#seed = seed;
  }

  async live(scene: Scene, random: Random): Promise<void> {
    const life: Life = {
      path: this.#path,
      seed: this.#seed * 100 + this.counts.kills,
      plot: scene.plot,
      options: { ...SMALL, background: scene.background, compression: random.oneIn(2) ? 'lz4' : 'none' },
      face: scene.face,
    };
    const wanted = scene.messages(random);
    const patience = random.below(1000) * (scene.milliseconds / 1000);
    try {
      const steps = await killedAfter(life, wanted, patience);
      this.counts.kills += 1;
      this.counts.acknowledgements += steps.acknowledged;
      this.#check(life, steps);
    } catch (error) {
      throw new Error(`${scene.name}, after ${wanted} messages and ${patience} ms`, { cause: error });
    }
  }

  #check(life: Life, { acknowledged, opened }: Ending): void {
    this.#everOpened ||= opened;
    const most = acknowledged + UNDER_WAY[life.face];
    const db = MiniLsm.open(this.#path, {
      ...life.options,
      background: 'inline',
      createIfMissing: !this.#everOpened,
    });
    try {
      const found = readState(db);
      const survived = stepsSurvived(this.#state, story(life.seed, life.plot), found, acknowledged, most);
      assert.deepEqual(db.verify().problems, []);
      assertTidy(this.#path);
      this.#checkCopies(life, survived, acknowledged);
      this.counts['bytes discarded'] += db.recovery.bytesDiscarded;
      this.#state = found;
    } finally {
      db.close();
    }
  }

  /** A copy is whole if its call returned, and else whole or not there. */
  #checkCopies(life: Life, survived: number, acknowledged: number): void {
    if (life.plot.checkpoint === 0) return;
    const steps: Step[] = [];
    for (const step of story(life.seed, life.plot)) {
      if (steps.length > survived) break;
      steps.push(step);
      if (step.kind !== 'checkpoint') continue;
      const before = steps.length - 1;
      const path = join(this.#path, '..', step.name);
      const found = stateOfCopy(path);
      assert.ok(found !== undefined || before >= acknowledged, `${step.name} is there, as its call returned`);
      if (found === undefined) continue;
      stepsSurvived(this.#state, steps, found, before, before);
      rmSync(path, { recursive: true });
      this.counts.copies = (this.counts.copies ?? 0) + 1;
    }
  }
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

/** Nothing is left of the process that was killed: no half made file, and no lock but that of this one. */
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
