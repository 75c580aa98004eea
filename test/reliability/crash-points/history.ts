/**
 * What a database was asked to write, commit by commit, and what of that it may and must hold after a crash:
 * the contents after the first so many commits, as a whole each, where so many is at least what was promised.
 */
import { crc32 } from '../../../src/bytes/crc32.ts';
import { applyWrites, type Write } from '../../support/writes.ts';

/** Keys with what identifies their values. */
export type Contents = ReadonlyMap<string, string>;

export class History {
  /** The contents after each number of commits, as text. */
  readonly #texts: string[];
  #contents: Map<string, string>;
  #acknowledged = 0;
  #durable = 0;

  constructor(start: Contents = new Map()) {
    this.#contents = new Map(start);
    this.#texts = [textOf(start)];
  }

  /** How many commits were begun. */
  get begun(): number {
    return this.#texts.length - 1;
  }

  /** How many are acknowledged: a process that dies loses none of them. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** How many a power cut must leave: those that were acknowledged after a sync, and all before them. */
  get durable(): number {
    return this.#durable;
  }

  /** What the last of them led to, or is to lead to. */
  get contents(): Contents {
    return this.#contents;
  }

  /** The same as text. */
  get text(): string {
    return this.#texts[this.begun];
  }

  /** Begins a commit of all these writes, and returns its number. */
  begin(writes: readonly Write[]): number {
    applyWrites(
      this.#contents,
      writes.map(([key, value]) => [key, value === undefined ? undefined : identify(Buffer.from(value))]),
    );
    this.#texts.push(textOf(this.#contents));
    return this.begun;
  }

  /** All commits up to this number are done. */
  acknowledge(number: number, durable: boolean): void {
    this.#acknowledged = Math.max(this.#acknowledged, number);
    if (durable) this.#durable = Math.max(this.#durable, number);
  }

  /** Whether these are the contents after `least` commits or more. */
  permits(found: string, least: number): boolean {
    return this.#texts.lastIndexOf(found) >= least;
  }

  /** For messages: after how many commits the contents were these, and how many there must be. */
  describe(found: string, least: number): string {
    const at = this.#texts.lastIndexOf(found);
    const is = at >= 0 ? `those after ${at} commits` : `of no number of commits:\n${found}`;
    return `the contents are ${is}; ${least} of ${this.begun} are promised:\n${this.#texts[least]}`;
  }
}

/** Contents in a form that can be compared and read. */
export function textOf(contents: Contents): string {
  return Array.from(contents, ([key, value]) => `${key}=${value}`)
    .sort()
    .join(' ');
}

/** Stands for a value: its length and checksum. */
export function identify(value: Uint8Array): string {
  return `${value.length}.${crc32(value, 0, value.length).toString(16)}`;
}
