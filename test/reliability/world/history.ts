/**
 * What is known of a database whose disk fails: what it must hold now, and what it may hold after a reopening
 * or a power cut. A write that threw is not visible. If it ended writing, its outcome is unknown until the
 * database is reopened: it is there as a whole then, or not at all.
 */
import assert from 'node:assert/strict';
import { applyWrites, type Write } from '../../support/writes.ts';

export type State = ReadonlyMap<string, string>;

export class History {
  /** The state before the first of the commits. */
  #base = new Map<string, string>();
  #now = new Map<string, string>();
  /** Acknowledged, in order. */
  #commits: (readonly Write[])[] = [];
  /** How many of the commits a power cut must leave. */
  #durable = 0;
  /** Writes that were refused in a way that leaves their outcome open; the database takes no more then. */
  #unknown: (readonly Write[])[] = [];
  /** How many commits a reopening must find, if that is not all of them. */
  #least: number | undefined;

  /** What reads must find. */
  get now(): State {
    return this.#now;
  }

  /** Whether only a reopening can say what is there. */
  get isInDoubt(): boolean {
    return this.#unknown.length > 0 || this.#least !== undefined;
  }

  commit(writes: readonly Write[]): void {
    applyWrites(this.#now, writes);
    this.#commits.push(writes);
  }

  /** A write was refused by an error that may have come after it had reached the disk. */
  doubt(writes: readonly Write[]): void {
    this.#unknown.push(writes);
  }

  /** Whatever is committed survives a power cut from here on. */
  makeDurable(): void {
    this.#durable = this.#commits.length;
  }

  /**
   * The disk has taken back what was not synced (Btrfs does so after a sync that failed): until the next
   * reopening that is no better than a power cut.
   */
  losesUnsynced(): void {
    this.#least = this.#durable;
  }

  /** Starts over with what was found, which is durable. */
  settle(found: State): void {
    this.#base = new Map(found);
    this.#now = new Map(found);
    this.#commits = [];
    this.#durable = 0;
    this.#unknown = [];
    this.#least = undefined;
  }

  /** @throws AssertionError if that is not what a reopening may find: everything, and any first part of what is in doubt. */
  checkReopened(found: State): void {
    this.#check(this.#least ?? this.#commits.length, found, 'after a reopening');
  }

  /** @throws AssertionError if that is not what a power cut may leave: a first part of all, with what is durable. */
  checkAfterPowerCut(found: State): void {
    this.#check(this.#durable, found, 'after a power cut');
  }

  #check(least: number, found: State, when: string): void {
    const state = new Map(this.#base);
    const wanted = describeState(found);
    const all = [...this.#commits, ...this.#unknown];
    for (const [index, writes] of all.entries()) {
      if (index >= least && describeState(state) === wanted) return;
      applyWrites(state, writes);
    }
    if (describeState(state) === wanted) return;
    const expected = describeState(this.#now).split('\n');
    assert.deepEqual(
      wanted.split('\n'),
      expected,
      `${when}: neither what was acknowledged nor with ${this.#unknown.length} writes in doubt`,
    );
  }
}

/** A text that is equal for equal states. */
export function describeState(state: State): string {
  return [...state.keys()]
    .sort()
    .map((key) => `${key}=${state.get(key)}`)
    .join('\n');
}
