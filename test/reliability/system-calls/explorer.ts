/**
 * Every system call that a database makes fails, or is its last: a real process is traced, and the Nth call of a
 * kind reports an error without being made, once or from then on, or the process is killed before it.
 *
 * A failure is surfaced, or does no harm: reads show what was acknowledged; after opening again everything
 * acknowledged is there, and a write that was refused is there as a whole or not at all; a file that could not be
 * synced is not relied on. After a kill there is a prefix of the commits with everything acknowledged.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Options } from '../../../src/options.ts';
import { applyWrites } from '../../support/writes.ts';
import type { Counts, Explorer } from '../explorer.ts';
import { SMALL } from '../real/options.ts';
import { readState, type State, stepsSurvived } from '../real/state.ts';
import { type Plot, type Step, story } from '../real/story.ts';
import type { Act, Outcome } from './actor.ts';
import { CALLS, type Injection, Strace, whyNotTraced } from './strace.ts';

const ACTOR = fileURLToPath(new URL('./actor.js', import.meta.url));

const OPTIONS: Options = {
  ...SMALL,
  memtableBytes: 2048,
  tableBytes: 2048,
  background: 'inline',
  cacheBytes: 0,
};
const PLOT: Plot = { sync: 6, flush: 15, compact: 25, checkpoint: 0 };
const STEPS = 40;

/** A new database, and one that was left by a process that was killed. */
const BEGINNINGS = ['new', 'left behind'] as const;

const ERRORS = ['EIO', 'ENOSPC', 'EACCES', 'EMFILE', 'EINTR'] as const;

/** Those that answers to this process are made of too: they fail once, while steps are taken, and no more. */
const SHARED: ReadonlySet<string> = new Set(['write', 'close']);

interface Case {
  readonly beginning: (typeof BEGINNINGS)[number];
  readonly injection: Injection;
}

let actor: ChildProcess | undefined;
let cases: readonly Case[] | undefined;

export const explorer: Explorer = {
  name: 'system-calls',
  unit: 'system calls',
  // The list has as many, and each seed is another one.
  budget: { test: 60, long: 16_000 },
  missing: () => {
    const reason = whyNotTraced();
    return reason === undefined ? undefined : `needs strace and the right to trace: ${reason}`;
  },
  async explore(seed) {
    const parent = realpathSync(mkdtempSync(join(tmpdir(), 'mini-lsm-calls-')));
    try {
      cases ??= await allCases(parent);
      // A stride that has no divisor in common with most numbers: few cases are of many kinds.
      return await exploreCase(cases[(seed * 7919) % cases.length], parent);
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  },
};

/** Looks which calls are made when all is well. Another version of Node.js may make others, and more. */
async function allCases(parent: string): Promise<Case[]> {
  const found: Case[] = [];
  for (const beginning of BEGINNINGS) {
    const path = join(parent, beginning);
    prepare(beginning, path);
    const { lines } = await perform(actOn(path, beginning), undefined);
    for (const call of CALLS) {
      const made = lines.filter((line) => line.startsWith(`${call}(`));
      // Beyond the last one that the database made there are none but those that answer.
      const count = made.findLastIndex((line) => line.includes(path)) + 1;
      for (let number = 1; number <= count; number++) {
        found.push({ beginning, injection: { call, number, forEver: false } });
        for (const errno of ERRORS) {
          found.push({ beginning, injection: { call, number, forEver: false, errno } });
          if (!SHARED.has(call) && errno !== 'EINTR') {
            found.push({ beginning, injection: { call, number, forEver: true, errno } });
          }
        }
      }
    }
  }
  return found;
}

function actOn(path: string, beginning: Case['beginning']): Act {
  return { path, seed: BEGINNINGS.indexOf(beginning) + 1, plot: PLOT, steps: STEPS, options: OPTIONS };
}

/** Makes the database that a case begins with, and returns what is in it. */
function prepare(beginning: Case['beginning'], path: string): State {
  if (beginning === 'new') return new Map();
  const running = MiniLsm.open(`${path} running`, OPTIONS);
  for (let at = 0; at < 60; at++) running.put(`key ${at}`, `before ${at}`.padEnd(60, 'x'));
  const state = readState(running);
  // No process lives in the copy; its lock is that of this one, and goes.
  cpSync(`${path} running`, path, { recursive: true, filter: (name) => !name.includes('LOCK') });
  running.close();
  return state;
}

interface Performance {
  /** Undefined if the process was killed. */
  readonly outcome: Outcome | undefined;
  /** Steps that it told of. */
  readonly acknowledged: number;
  readonly lines: readonly string[];
}

async function perform(act: Act, injection: Injection | undefined): Promise<Performance> {
  if (actor === undefined) {
    actor = spawn(process.execPath, [ACTOR], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    // Its own beginning is not to fail.
    await once(actor, 'message');
  }
  const child = actor;
  let acknowledged = 0;
  const onData = (data: Buffer): void => {
    acknowledged += data.length;
  };
  child.stdout?.on('data', onData);
  for (const handle of [child, child.channel, child.stdout as unknown as ChildProcess]) handle?.ref();
  const strace = new Strace(child.pid ?? 0, injection);
  await strace.attached;
  const ended = new AbortController();
  const onExit = (): void => ended.abort();
  child.once('close', onExit);
  let outcome: Outcome | undefined;
  try {
    const answer = once(child, 'message', { signal: ended.signal });
    child.send(act);
    [outcome] = (await answer) as [Outcome];
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    actor = undefined;
  }
  const lines = await strace.detach();
  child.stdout?.off('data', onData);
  child.off('close', onExit);
  for (const handle of [child, child.channel, child.stdout as unknown as ChildProcess]) handle?.unref();
  return { outcome, acknowledged, lines };
}

async function endActor(): Promise<void> {
  const child = actor;
  actor = undefined;
  if (child === undefined) return;
  const end = once(child, 'close');
  child.ref();
  child.kill('SIGKILL');
  await end;
}

async function exploreCase({ beginning, injection }: Case, parent: string): Promise<Counts> {
  const path = join(parent, 'db');
  const act = actOn(path, beginning);
  const before = prepare(beginning, path);
  const performance = await perform(act, injection);
  const { outcome, acknowledged, lines } = performance;
  const names = existsSync(path) ? readdirSync(path) : [];
  try {
    if (outcome === undefined) {
      assert.equal(injection.errno, undefined, 'an error does not end the process');
      check(path, (found) => {
        stepsSurvived(before, story(act.seed, PLOT), found, acknowledged, acknowledged + 1);
      });
      return { 'system calls': 1, kills: 1 };
    }
    // A lock that could not be given back ends with its process.
    if (outcome.close !== 'ok') await endActor();
    const refused = judge(before, act, outcome);
    const surfaced = outcome.reported || refused || outcome.close !== 'ok';
    if (!surfaced) assertHarmless(lines, names);
    // How many calls there are is not quite the same each time; what was not made has not failed.
    if (!lines.some((line) => line.includes('INJECTED'))) return { 'calls that were not made': 1 };
    return { 'system calls': 1, surfaced: Number(surfaced) };
  } catch (error) {
    const what = `${beginning}: ${JSON.stringify(injection)}\n${lines
      .filter((line) => line.includes('INJECTED'))
      .slice(0, 3)
      .join('\n')}`;
    throw new Error(`${what}\n${JSON.stringify({ ...outcome, state: undefined })}`, { cause: error });
  }
}

/** Whether any call was refused; everything that was not has to be there, now and after opening again. */
function judge(before: State, { path, seed }: Act, outcome: Outcome): boolean {
  const state = new Map(before);
  const unknown: Step[] = [];
  const source = story(seed, PLOT);
  for (const result of outcome.steps) {
    assertKnown(result);
    const { value: step } = source.next();
    if (result === 'ok') apply(state, step);
    // Nobody knows until the next open: it may be in the log.
    else if (result !== 'LSM_READ_ONLY') unknown.push(step);
  }
  assertKnown(outcome.open);
  assertKnown(outcome.close.replace('reading: ', ''));
  if (outcome.open === 'ok' && !outcome.close.startsWith('reading')) {
    assert.deepEqual(differences(new Map(outcome.state), state), [], 'what is read before closing');
  }
  check(path, (found) => {
    for (const step of unknown) {
      const withIt = new Map(state);
      apply(withIt, step);
      if (differences(found, withIt).length < differences(found, state).length) apply(state, step);
    }
    assert.deepEqual(differences(found, state), [], 'what is read after opening again');
  });
  return outcome.open !== 'ok' || outcome.steps.some((result) => result !== 'ok');
}

function assertKnown(result: string): void {
  const known = ['ok', 'LSM_IO', 'LSM_NO_SPACE', 'LSM_READ_ONLY', 'LSM_LOCKED'];
  assert.ok(known.includes(result), `${result} is an error that says what is wrong`);
}

/**
 * A sync that failed and that nobody was told of: the file is not there any more. For a directory, the files
 * that got their names since it was synced before are not: whoever needed them made others.
 * @param names what is in the directory of the database after the last step
 */
function assertHarmless(lines: readonly string[], names: readonly string[]): void {
  for (const [at, line] of lines.entries()) {
    const [, path] = /^f(?:data)?sync\(\d+<([^>]*)>\).*INJECTED/.exec(line) ?? [];
    if (path === undefined || line.includes('EINTR')) continue;
    const doubtful = [basename(path), ...namesMadeBefore(lines.slice(0, at), path)];
    const left = doubtful.filter((name) => names.includes(name) && !name.startsWith('LOCK'));
    assert.deepEqual(left, [], `a sync of ${path} that failed is reported`);
  }
}

function namesMadeBefore(lines: readonly string[], directory: string): string[] {
  const synced = lines.findLastIndex(
    (line) => line.startsWith('fsync(') && line.endsWith(`<${directory}>) = 0`),
  );
  return lines.slice(synced + 1).flatMap((line) => {
    const made =
      /^openat\(.*"([^"]+)", [^)]*O_CREAT/.exec(line) ?? /^rename\("[^"]+", "([^"]+)"\)/.exec(line);
    return made !== null && dirname(made[1]) === directory ? [basename(made[1])] : [];
  });
}

function check(path: string, look: (found: State) => void): void {
  const db = MiniLsm.open(path, OPTIONS);
  try {
    look(readState(db));
    assert.deepEqual(db.verify().problems, []);
    db.put('written', 'afterwards');
    db.compact();
    assert.deepEqual(db.verify().problems, []);
  } finally {
    db.close();
  }
}

function apply(state: Map<string, string>, step: Step): void {
  if (step.kind === 'write') applyWrites(state, step.writes);
}

function differences(a: State, b: State): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
}
