/**
 * Takes a life apart: before every operation on its disk, and after the last one, it recovers from the states
 * that a crash could leave, and compares each with what was promised by then.
 */
import { inspect } from 'node:util';
import { type CrashState, PROFILES, type Profile } from '../../simulation/crash-states.ts';
import { type DirectoryImage, FileImage, keyOf } from '../../simulation/disk-image.ts';
import type { Random } from '../../support/random.ts';
import type { Counts } from '../explorer.ts';
import type { Copy, Life } from './life.ts';
import { contentsOfCopy, recover } from './recover.ts';

export interface Thoroughness {
  readonly random: Random;
  /** How many states are tried at a cut under each profile; without it, all where they are few and many where not. */
  readonly statesPerCut?: number | undefined;
  /** Under which profiles. Default: all. */
  readonly profiles?: () => readonly Profile[];
  /** Is shown every state, before anything is made of it. */
  readonly onState?: (state: CrashState) => void;
}

export class CrashPoints {
  /** Whether crashes are explored now. */
  exploring = false;
  readonly #life: Life;
  readonly #thoroughness: Thoroughness;
  /** What each state came to that was met before: the same bytes recover the same way. */
  readonly #recovered = new Map<string, string>();
  /** The same of copies; undefined for what is no database. */
  readonly #copies = new Map<string, string | undefined>();
  #cuts = 0;
  /** How much was acknowledged when the last operation was issued, and how much now. */
  #before = 0;
  #now = 0;

  constructor(life: Life, thoroughness: Thoroughness) {
    this.#life = life;
    this.#thoroughness = thoroughness;
    life.disk.beforeOperation = ({ kind, path }) => {
      this.#before = this.#now;
      this.#now = life.history.acknowledged;
      if (this.exploring) this.#explore(`before ${kind} ${path}`);
    };
  }

  /** The cut after the last operation. */
  explorePresent(): void {
    this.#before = this.#now;
    this.#now = this.#life.history.acknowledged;
    this.#explore('at the end');
  }

  get counts(): Counts {
    return { 'crash states': this.#recovered.size, cuts: this.#cuts };
  }

  #explore(when: string): void {
    this.#cuts += 1;
    const { random, statesPerCut, profiles = () => PROFILES, onState } = this.#thoroughness;
    const limit = statesPerCut ?? Infinity;
    for (const profile of profiles()) {
      for (const state of this.#life.disk.crashStates(profile, { random, limit })) {
        onState?.(state);
        this.#check(state, when);
      }
    }
  }

  #check(state: CrashState, when: string): void {
    const { history } = this.#life;
    const least = { all: this.#now, 'all but the last': this.#before, less: 0 }[state.has];
    const promised = Math.max(least, history.durable);
    let found: string | undefined;
    try {
      found = this.#recover(state);
    } catch (error) {
      throw new Error(this.#describe(state, when, inspect(error)), { cause: error });
    }
    if (history.permits(found, promised)) return;
    throw new Error(this.#describe(state, when, history.describe(found, promised)));
  }

  #recover({ key, image }: CrashState): string {
    // The state of a damaged database is another thing before and after its repair.
    const name = this.#life.needsRepair ? `damaged ${key}` : key;
    let found = this.#recovered.get(name);
    if (found === undefined) {
      const { needsRepair } = this.#life;
      found = recover(image, { seed: this.#recovered.size, needsRepair });
      this.#recovered.set(name, found);
    }
    for (const kept of this.#life.kept) {
      if (!holds(image, kept)) throw new Error('a file that a repair could not use is gone');
    }
    for (const copy of this.#life.copies) this.#checkCopy(copy, image);
    return found;
  }

  #checkCopy({ path, contents, isDone }: Copy, image: DirectoryImage): void {
    const key = `${path} ${keyOf(directoryAt(image, path))}`;
    if (!this.#copies.has(key)) this.#copies.set(key, contentsOfCopy(image, path));
    const found = this.#copies.get(key);
    if (found === undefined ? isDone : found !== contents) {
      throw new Error(`the copy ${path} holds ${found ?? 'nothing'}, and must hold ${contents}`);
    }
  }

  #describe({ profile, has, image }: CrashState, when: string, what: string): string {
    return [
      `a crash ${when}, after: ${this.#life.done.join(', ')}`,
      `profile ${profile}, with ${has}, left ${listing(image)}`,
      what,
    ].join('\n');
  }
}

/** Empty if there is no such directory. */
function directoryAt(image: DirectoryImage, path: string): DirectoryImage {
  let at = image;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const next = at.get(name);
    if (next === undefined || next instanceof FileImage) return new Map();
    at = next;
  }
  return at;
}

/** Whether a file with an image of this key is anywhere. */
function holds(image: DirectoryImage, key: string): boolean {
  return [...image.values()].some((entry) =>
    entry instanceof FileImage ? entry.key === key : holds(entry, key),
  );
}

function listing(image: DirectoryImage, above = ''): string {
  return Array.from(image, ([name, entry]) =>
    entry instanceof FileImage
      ? `${above}${name} (${entry.bytes.length})`
      : listing(entry, `${above}${name}/`),
  )
    .sort()
    .join(', ');
}
