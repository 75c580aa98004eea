/**
 * The process whose system calls fail or kill it. It leads one life after the other, each told by a message, and
 * answers with how every step went. Started as a test file by mistake it does nothing.
 */
import { writeSync } from 'node:fs';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import type { Options } from '../../../src/options.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import { type Plot, type Step, story } from '../real/story.ts';

export interface Act {
  readonly path: string;
  readonly seed: number;
  readonly plot: Plot;
  readonly steps: number;
  readonly options: Options;
}

export interface Outcome {
  /** `ok`, or the code of an `LsmError`, or the text of any other error; one for each step that was tried. */
  readonly steps: readonly string[];
  /** The same of opening and closing; closing is not tried if opening failed. */
  readonly open: string;
  readonly close: string;
  /** Whether a flush or compaction was reported to have failed, or the database to have become read-only. */
  readonly reported: boolean;
  /** What was read at the end, before closing. */
  readonly state: readonly (readonly [string, string])[];
}

const acknowledgement = new Uint8Array(1);

function act({ path, seed, plot, steps: count, options }: Act): Outcome {
  let db: MiniLsm | undefined;
  const open = outcomeOf(() => {
    db = MiniLsm.open(path, options);
  });
  if (db === undefined) return { steps: [], open, close: 'ok', reported: true, state: [] };
  const steps: string[] = [];
  let reported = false;
  for (const step of story(seed, plot)) {
    if (steps.length === count) break;
    const engine = db;
    steps.push(outcomeOf(() => take(engine, step)));
    if (steps.at(-1) === 'ok') tell();
    const { failure, pending } = db.stats();
    reported ||= failure !== undefined || pending.lastError !== undefined;
  }
  const state: [string, string][] = [];
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const read = outcomeOf(() => {
    for (const [key, value] of (db as MiniLsm).scan()) state.push([text(key), text(value)]);
  });
  const close = outcomeOf(() => db?.close());
  return { steps, open, close: read === 'ok' ? close : `reading: ${read}`, reported, state };
}

/** For those who hear of nothing else if this process is killed. The call that fails may be this one. */
function tell(): void {
  try {
    writeSync(1, acknowledgement);
  } catch {}
}

function take(db: MiniLsm, step: Step): void {
  if (step.kind === 'sync') db.sync();
  else if (step.kind === 'flush') db.flush();
  else if (step.kind !== 'write') db.compact();
  else {
    const batch = new WriteBatch();
    for (const [key, value] of step.writes) {
      if (value === undefined) batch.delete(key);
      else batch.put(key, value);
    }
    db.write(batch, { sync: step.sync });
  }
}

function outcomeOf(work: () => void): string {
  try {
    work();
    return 'ok';
  } catch (error) {
    return error instanceof LsmError ? error.code : String(error);
  }
}

process.on('message', (life: Act) => process.send?.(act(life)));
process.send?.('ready');
