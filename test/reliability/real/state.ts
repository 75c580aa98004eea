/**
 * The oracle of the tests that end a process: what is found must be what was there after some step, no fewer
 * steps than are promised and no more than were begun. That is a prefix of the order of commits, with every
 * batch whole and nothing invented.
 */
import type { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Step } from './story.ts';

/** Keys and values as text of one character a byte. */
export type State = ReadonlyMap<string, string>;

export function readState(db: MiniLsm): State {
  const state = new Map<string, string>();
  for (const [key, value] of db.scan()) state.set(textOf(key), textOf(value));
  return state;
}

/**
 * The number of steps, the most that fit, after which the state was what was found.
 * @param before the state before the first step
 * @param least steps that are promised to be there
 * @param most steps that may be there
 * @throws Error if no number from `least` to `most` fits
 */
export function stepsSurvived(
  before: State,
  steps: Iterable<Step>,
  found: State,
  least: number,
  most: number,
): number {
  const state = new Map(before);
  const different = new Set<string>();
  for (const key of new Set([...before.keys(), ...found.keys()])) {
    if (before.get(key) !== found.get(key)) different.add(key);
  }
  let survived = -1;
  let elsewhere = '';
  let nearest = different;
  let done = 0;
  const look = (): void => {
    if (done < least) {
      if (different.size === 0) elsewhere = `; it is the state after ${done} steps`;
      return;
    }
    if (different.size === 0) survived = done;
    else if (done === least || different.size < nearest.size) nearest = new Set(different);
  };
  look();
  for (const step of steps) {
    if (done === most) break;
    if (step.kind === 'write') {
      for (const [key, value] of step.writes) {
        if (value === undefined) state.delete(key);
        else state.set(key, value);
        if (state.get(key) === found.get(key)) different.delete(key);
        else different.add(key);
      }
    }
    done += 1;
    look();
  }
  if (survived >= 0) return survived;
  const keys = [...nearest].slice(0, 5).map((key) => `${key}: found ${start(found.get(key))}`);
  throw new Error(
    `what is there is no state after ${least} to ${most} steps; the nearest differs in ${nearest.size} keys, such as ${keys.join('; ')}${elsewhere}`,
  );
}

function start(value: string | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value.slice(0, 24));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
