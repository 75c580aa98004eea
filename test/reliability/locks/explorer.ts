/**
 * Eight processes, two threads of one process and, where the machine allows it, a process in a container of
 * its own contend for the lock of one directory: nobody ever holds it together with somebody else, the lock
 * of whoever died is free at once, and that of whoever may be alive never.
 *
 * A seed decides what the trial is and who takes part. Who wins is up to the machine.
 */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { encodeClaim } from '../../../src/fs/lock-claim.ts';
import { lockFileName } from '../../../src/fs/lock-file-name.ts';
import { currentOwner, type LockOwner } from '../../../src/fs/lock-owner.ts';
import { Random } from '../../support/random.ts';
import type { Counts, Explorer } from '../explorer.ts';
import type { Answer } from './actor.ts';
import { Contender, hasContainers } from './contenders.ts';

const PROCESSES = Array.from({ length: 8 }, () => new Contender('process'));
const THREADS = Array.from({ length: 2 }, () => new Contender('thread'));
const EVERYBODY: readonly Contender[] = [...PROCESSES, ...THREADS];
const CONTAINER = new Contender('container');

/** Within which a dead owner must be noticed, milliseconds; most of it is for a machine with much else to do. */
const PROMPTLY = 2000;

const TOKEN = '0123456789abcdef';

/** Where a trial takes place. */
interface Place {
  /** The directory that is locked; nothing else is in its parent. */
  readonly path: string;
  readonly random: Random;
}

const containers = hasContainers();

/** One after the other; each returns what it wants counted beside the trial. */
const TRIALS: readonly ((place: Place) => Promise<Counts>)[] = [
  async ({ path }) => {
    const holder = await raceOnce(EVERYBODY, () => path);
    assert.equal((await holder.ask({ kind: 'lock', path })).outcome, 'LSM_LOCKED', 'the holder once more');
    await release(holder);
    await release(await raceOnce(EVERYBODY, () => path));
    return { races: 2 };
  },
  stale((self) => ({ ...self, started: self.started - 1 })),
  async ({ path, random }) => {
    // A living process whose pid somebody had who died.
    const other = PROCESSES[random.below(PROCESSES.length)];
    await other.ask({ kind: 'release' });
    const pid = other.pid ?? 0;
    plant(path, 5, { ...currentOwner(), pid, task: pid, started: currentOwner().started - 1 });
    await release(await raceOnce(EVERYBODY, () => path));
    return { races: 1 };
  },
  killed(PROCESSES),
  contended('contend', 12),
  async ({ path }) => {
    const links = EVERYBODY.map((_, at) => join(path, '..', `link ${at}`));
    for (const link of links) symlinkSync(path, link);
    await release(await raceOnce(EVERYBODY, (at) => (at % 2 === 0 ? links[at] : `${path}//../db/.`)));
    return { races: 1 };
  },
  killed(THREADS),
  contended('count', 3),
  // A task number that no process has; a boot before this one; a claim that a power cut tore.
  stale((self) => ({ ...self, task: 0 })),
  stale((self) => ({ ...self, boot: '0'.repeat(32) })),
  async ({ path, random }) => {
    const whole = encodeClaim({ generation: 9, owner: currentOwner(), token: TOKEN });
    writeFileSync(join(path, lockFileName(9)), whole.subarray(0, random.below(whole.length)));
    await release(await raceOnce(EVERYBODY, () => path));
    return { races: 1 };
  },
  foreign({ host: 'elsewhere', boot: 'a'.repeat(32) }),
  foreign({ pidNamespace: 1, pid: 1, task: 1 }),
  foreign({ timeNamespace: 1, started: 1 }),
  killedAmongOthers,
  inContainer,
];

export const explorer: Explorer = {
  name: 'locks',
  unit: 'trials',
  budget: { test: 200, long: 2000 },
  missing: () =>
    currentOwner().boot === '' ? 'needs /proc, which tells the dead from the living' : undefined,
  async explore(seed) {
    const parent = realpathSync(mkdtempSync(join(tmpdir(), 'mini-lsm-locks-')));
    const path = join(parent, 'db');
    mkdirSync(path);
    try {
      return { trials: 1, ...(await TRIALS[seed % TRIALS.length]({ path, random: new Random(seed) })) };
    } finally {
      rmSync(parent, { recursive: true });
    }
  },
};

/** All at once; exactly one gets it, and the others are told that it is locked. */
async function raceOnce(contenders: readonly Contender[], path: (at: number) => string): Promise<Contender> {
  const answers = await race(contenders, path);
  const holders = contenders.filter((_, at) => answers[at].outcome === 'held');
  assert.equal(holders.length, 1, describe(answers));
  assert.equal(
    answers.filter(({ outcome }) => outcome === 'LSM_LOCKED').length,
    contenders.length - 1,
    describe(answers),
  );
  return holders[0];
}

function race(contenders: readonly Contender[], path: (at: number) => string): Promise<Answer[]> {
  return Promise.all(contenders.map((contender, at) => contender.ask({ kind: 'lock', path: path(at) })));
}

async function release(holder: Contender): Promise<void> {
  assert.deepEqual(await holder.ask({ kind: 'release' }), { outcome: 'released', message: '' });
}

/** Leaves a claim as somebody else would have. */
function plant(path: string, generation: number, owner: LockOwner): void {
  writeFileSync(join(path, lockFileName(generation)), encodeClaim({ generation, owner, token: TOKEN }));
}

/** The claim of somebody who is no more: one takes it over. */
function stale(dead: (self: LockOwner) => LockOwner): (place: Place) => Promise<Counts> {
  return async ({ path }) => {
    plant(path, 7, dead(currentOwner()));
    await release(await raceOnce(EVERYBODY, () => path));
    return { races: 1 };
  };
}

/** The claim of somebody of whom nobody here can know whether they live: nobody takes it over. */
function foreign(changes: Partial<LockOwner>): (place: Place) => Promise<Counts> {
  return async ({ path }) => {
    plant(path, 3, { ...currentOwner(), ...changes });
    const answers = await race(EVERYBODY, () => path);
    assert.ok(
      answers.every(({ outcome }) => outcome === 'LSM_LOCKED'),
      describe(answers),
    );
    assert.deepEqual(readdirSync(path), [lockFileName(3)]);
    return { races: 1 };
  };
}

/** A holder is killed; somebody notices without waiting for anything, and the others race with it. */
function killed(victims: readonly Contender[]): (place: Place) => Promise<Counts> {
  return async ({ path, random }) => {
    const victim = victims[random.below(victims.length)];
    assert.equal((await victim.ask({ kind: 'lock', path })).outcome, 'held');
    const others = EVERYBODY.filter((other) => other !== victim);
    const before = await race(others, () => path);
    assert.ok(
      before.every(({ outcome }) => outcome === 'LSM_LOCKED'),
      describe(before),
    );
    victim.kill();
    const heir = others[random.below(others.length)];
    const answer = await heir.ask({ kind: 'insist', path, milliseconds: PROMPTLY });
    assert.deepEqual(answer, { outcome: 'held', message: '' });
    const after = await race(others, () => path);
    assert.ok(
      after.every(({ outcome }) => outcome === 'LSM_LOCKED'),
      describe(after),
    );
    await release(heir);
    return { deaths: 1, races: 2 };
  };
}

/** All lock and release as fast as they can. */
function contended(kind: 'contend' | 'count', times: number): (place: Place) => Promise<Counts> {
  return async ({ path }) => {
    const witness = join(path, '..', 'inside');
    const answers = await Promise.all(
      EVERYBODY.map((contender) => contender.ask({ kind, path, witness, times })),
    );
    assert.ok(
      answers.every(({ outcome }) => outcome === 'done'),
      describe(answers),
    );
    const holds = times * EVERYBODY.length;
    if (kind === 'count') assert.equal(countIn(path), holds);
    return { holds };
  };
}

function countIn(path: string): number {
  const db = MiniLsm.open(path, { background: 'inline' });
  const count = Number(Buffer.from(db.get('count') ?? []).toString());
  db.close();
  return count;
}

/** Some are killed while they lock and release; the others go on. */
async function killedAmongOthers({ path, random }: Place): Promise<Counts> {
  const witness = join(path, '..', 'inside');
  const victims = new Set([0, 1].map(() => PROCESSES[random.below(PROCESSES.length)]));
  const asked = EVERYBODY.map((contender) => contender.ask({ kind: 'contend', path, witness, times: 12 }));
  for (const victim of victims) {
    await setTimeout(random.below(30));
    victim.kill();
  }
  const answers = await Promise.all(asked);
  const survivors = answers.filter((_, at) => !victims.has(EVERYBODY[at]));
  assert.ok(
    survivors.every(({ outcome }) => outcome === 'done'),
    describe(answers),
  );
  await release(await raceOnce(EVERYBODY, () => path));
  return { deaths: victims.size, races: 1, holds: 12 * survivors.length };
}

/** What a container holds is held for those outside of it, and the other way round, dead or alive. */
async function inContainer({ path, random }: Place): Promise<Counts> {
  if (!containers) return { 'without a container': 1 };
  const inside = await CONTAINER.ask({ kind: 'lock', path });
  assert.deepEqual(inside, { outcome: 'held', message: '' });
  const during = await race(EVERYBODY, () => path);
  assert.ok(
    during.every(({ outcome }) => outcome === 'LSM_LOCKED'),
    describe(during),
  );
  await release(CONTAINER);
  const holder = EVERYBODY[random.below(EVERYBODY.length)];
  assert.equal((await holder.ask({ kind: 'lock', path })).outcome, 'held');
  assert.equal((await CONTAINER.ask({ kind: 'lock', path })).outcome, 'LSM_LOCKED');
  await release(holder);
  await release(await raceOnce([...EVERYBODY, CONTAINER], () => path));
  return { races: 2 };
}

function describe(answers: readonly Answer[]): string {
  return answers.map(({ outcome, message }) => `${outcome} ${message}`.trim()).join('\n');
}
