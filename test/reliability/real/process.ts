/** Starts a writer, hears what it tells, and ends it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BEGUN, type Life } from './life.ts';

const WRITER = fileURLToPath(new URL('./writer.js', import.meta.url));

/** How a process ended, and what it had told by then. */
export interface Ending {
  /** The numbers of the steps that it acknowledged, from 1. */
  readonly acknowledged: readonly number[];
  /** Those among them that it had told of before its end began. */
  readonly acknowledgedBefore: readonly number[];
  /** Whether it got as far as to have the database open. */
  readonly opened: boolean;
  readonly code: number | null;
  readonly signal: string | null;
  /** What it wrote to standard error. */
  readonly errors: string;
}

const SLEEP = new Int32Array(new SharedArrayBuffer(4));

/**
 * Lets a process live until it has told so much and so long after it, has it ended, and waits until it is gone.
 */
export async function endedAfter(
  life: Life,
  messages: number,
  milliseconds: number,
  end: (child: ChildProcess) => void | Promise<void>,
): Promise<Ending> {
  const child = spawn(process.execPath, [WRITER, JSON.stringify(life)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told: number[] = [];
  let rest: Uint8Array = new Uint8Array(0);
  let before = Number.POSITIVE_INFINITY;
  let ended: Promise<void> | undefined;
  child.stdout.on('data', (data: Buffer) => {
    // A number may come in two pieces.
    const bytes = Buffer.concat([rest, data]);
    const whole = bytes.length - (bytes.length % 4);
    for (let at = 0; at < whole; at += 4) told.push(bytes.readUInt32LE(at));
    rest = bytes.subarray(whole);
    if (told.length < messages || before <= told.length) return;
    // Sleeps at the precision of the system, which a timer of the event loop does not have.
    if (milliseconds > 0) Atomics.wait(SLEEP, 0, 0, milliseconds);
    before = told.length;
    ended = Promise.resolve(end(child));
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (data: Buffer) => errors.push(data));
  const [code, signal] = await once(child, 'close');
  await ended;
  const isStep = (number: number): boolean => number !== BEGUN && number > 0;
  return {
    acknowledged: told.filter(isStep),
    acknowledgedBefore: told.slice(0, before).filter(isStep),
    opened: told.some((number) => number !== BEGUN),
    code,
    signal,
    errors: Buffer.concat(errors).toString(),
  };
}

/** The same with `kill -9`. */
export async function killedAfter(life: Life, messages: number, milliseconds: number): Promise<Ending> {
  const ending = await endedAfter(life, messages, milliseconds, (child) => {
    child.kill('SIGKILL');
  });
  const { code, signal, errors } = ending;
  assert.equal(signal, 'SIGKILL', `the process ended by itself, with ${code}: ${errors}`);
  return ending;
}

/** The highest number of a step, 0 for none. */
export function lastOf(steps: readonly number[]): number {
  return steps.reduce((last, number) => Math.max(last, number), 0);
}
