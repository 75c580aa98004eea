/**
 * The process that is ended: it does what its life says and tells of every step once it is done. Started as a
 * test file by mistake it does nothing.
 */
import { rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { MiniLevel } from '../../../src/level/mini-level.ts';
import { commit } from '../../support/writes.ts';
import { BEGUN, LIAR_AHEAD, type Life, UNDER_WAY } from './life.ts';
import { type Step, story } from './story.ts';

const message = new Uint32Array(1);

function tell(number: number): void {
  message[0] = number;
  writeSync(1, message);
}

function take(db: MiniLsm, step: Step): void {
  if (step.kind === 'write') {
    commit(db, step.writes, step.sync);
    return;
  }
  tell(BEGUN);
  if (step.kind === 'sync') db.sync();
  else if (step.kind === 'checkpoint') db.checkpoint(join(dirname(db.path), step.name));
  else if (step.kind === 'flush') db.flush();
  else db.compact();
}

function liveByEngine({ path, seed, plot, options, face }: Life): void {
  tell(BEGUN);
  const db = MiniLsm.open(path, options);
  const ahead = face === 'liar' ? LIAR_AHEAD : 0;
  tell(ahead);
  let done = 0;
  for (const step of story(seed, plot)) {
    take(db, step);
    done += 1;
    tell(done + ahead);
  }
}

async function takeByLevel(level: MiniLevel, step: Step): Promise<void> {
  if (step.kind === 'write') {
    const operations = step.writes.map(([key, value]) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    );
    return level.batch(operations, { sync: step.sync });
  }
  tell(BEGUN);
  return step.kind === 'compact' ? level.compactRange('', '~') : level.flush();
}

async function liveByLevel(life: Life): Promise<void> {
  tell(BEGUN);
  const { MiniLevel } = await import('../../../src/level/mini-level.ts');
  const { fileSystem: _, ...options } = life.options;
  const level = new MiniLevel(life.path, options);
  await level.open();
  tell(0);
  const underWay: Promise<void>[] = [];
  let begun = 0;
  for (const step of story(life.seed, life.plot)) {
    begun += 1;
    const number = begun;
    underWay.push(takeByLevel(level, step).then(() => tell(number)));
    if (underWay.length === UNDER_WAY.level) await underWay.shift();
  }
}

function repairForEver({ path, options }: Life): void {
  for (;;) {
    tell(BEGUN);
    MiniLsm.repair(path, options);
    rmSync(join(path, 'lost'), { recursive: true, force: true });
  }
}

const [, , text] = process.argv;
if (text !== undefined) {
  const life: Life = JSON.parse(text);
  if (life.face === 'level') await liveByLevel(life);
  else if (life.face === 'repair') repairForEver(life);
  else liveByEngine(life);
}
