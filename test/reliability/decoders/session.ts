/**
 * A session of fuzzing: changes inputs at random and keeps those that come somewhere new in the decoder's code,
 * to change them further. It starts from what a writer makes and from the corpus, and its random numbers from a
 * seed, so that it can be repeated.
 */
import { LsmError } from '../../../src/errors.ts';
import { toHex } from '../../support/hex.ts';
import type { Counters } from '../../support/instrument/counters.ts';
import { Random } from '../../support/random.ts';
import { Guide } from './guide.ts';
import { Mutator } from './mutations.ts';
import { SECRET, type Target } from './target.ts';

/** An input and how promising it is: each child costs it some, each that came somewhere new brings more. */
interface Parent {
  readonly bytes: Uint8Array;
  energy: number;
}

const LONGEST = 4096;
const MEMORY = { base: 64 * 1024, perByte: 16 };
const STEPS = { base: 2000, perByte: 100 };

/** What a new input begins with, and what it gains for each place that it was the first to reach. */
const FIRST_ENERGY = 32;
const GAIN = 8;

/** One input in so many keeps its wrong checksums. */
const UNMENDED = 16;

/** A decoder did with an input what it must not. */
export class BadDecoding extends Error {
  override readonly name: string = 'BadDecoding';

  constructor(target: Target, input: Uint8Array, cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(`${target.name}: ${what}\nthe input, for the corpus: ${toHex(input)}`, { cause });
  }
}

export interface SessionResult {
  readonly executions: number;
  /** Inputs that were kept. */
  readonly kept: readonly Uint8Array[];
  readonly reached: Guide['reached'];
  /** The most that one run took of each, for setting limits. */
  readonly most: { readonly allocated: number; readonly steps: number };
}

export class Session {
  readonly #target: Target;
  readonly #counters: Counters;
  readonly #guide: Guide;
  readonly #random: Random;
  readonly #mutator: Mutator;
  readonly #parents: Parent[] = [];
  #mostAllocated = 0;
  #mostSteps = 0;

  constructor(target: Target, counters: Counters, seed: number) {
    this.#target = target;
    this.#counters = counters;
    this.#guide = new Guide(counters, target.covers);
    this.#random = new Random(seed);
    this.#mutator = new Mutator(this.#random, target.longest ?? LONGEST, target.words ?? []);
  }

  /** @throws BadDecoding */
  async run(corpus: readonly Uint8Array[], executions: number): Promise<SessionResult> {
    const stackTraceLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0; // most runs end in an error, and its stack is what takes longest
    try {
      const seeds = this.#target.seeds();
      this.#guide.clear();
      for (const bytes of [...seeds, ...corpus]) await this.#try(bytes);
      for (let left = executions; left > 0; left--) {
        const parent = this.#choose();
        const input = this.#mutator.mutate(parent.bytes, this.#any().bytes);
        if (!this.#random.oneIn(UNMENDED)) this.#target.mend?.(input, this.#random);
        parent.energy -= 1;
        const pending = this.#start(input);
        if (pending !== undefined) await pending;
        const fresh = this.#guide.take();
        this.#checkLimits(input);
        if (fresh === 0) continue;
        parent.energy += GAIN * fresh;
        this.#parents.push({ bytes: input, energy: FIRST_ENERGY + GAIN * fresh });
      }
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
    return {
      executions,
      kept: this.#parents.map(({ bytes }) => bytes),
      reached: this.#guide.reached,
      most: { allocated: this.#mostAllocated, steps: this.#mostSteps },
    };
  }

  async #try(bytes: Uint8Array): Promise<void> {
    await this.#start(bytes);
    this.#guide.take();
    this.#checkLimits(bytes);
    this.#parents.push({ bytes, energy: FIRST_ENERGY });
  }

  /** The better one of two. */
  #choose(): Parent {
    const one = this.#any();
    const other = this.#any();
    return one.energy >= other.energy ? one : other;
  }

  #any(): Parent {
    return this.#parents[this.#random.below(this.#parents.length)];
  }

  /** Runs the decoder; returns what is to be waited for, if anything. */
  #start(input: Uint8Array): Promise<void> | undefined {
    this.#counters.allocated = 0;
    try {
      const pending = this.#target.run(input);
      return pending?.catch((error: unknown) => this.#checkError(input, error));
    } catch (error) {
      this.#checkError(input, error);
      return undefined;
    }
  }

  #checkError(input: Uint8Array, error: unknown): void {
    const promised = this.#target.refuses ?? tellsOfBadBytes;
    if (!promised(error)) throw new BadDecoding(this.#target, input, error);
    const { message } = error as Error;
    if (message.includes(SECRET)) {
      throw new BadDecoding(this.#target, input, new Error(`a message that tells of data: ${message}`));
    }
  }

  #checkLimits(input: Uint8Array): void {
    const { memory = MEMORY, steps = STEPS } = this.#target;
    const { allocated } = this.#counters;
    this.#mostAllocated = Math.max(this.#mostAllocated, allocated);
    this.#mostSteps = Math.max(this.#mostSteps, this.#guide.steps);
    if (allocated > memory.base + memory.perByte * input.length) {
      const what = `${allocated} bytes were allocated for an input of ${input.length}`;
      throw new BadDecoding(this.#target, input, new Error(what));
    }
    if (this.#guide.steps > steps.base + steps.perByte * input.length) {
      const what = `${this.#guide.steps} steps were made for an input of ${input.length} bytes`;
      throw new BadDecoding(this.#target, input, new Error(what));
    }
  }
}

/** The errors for bytes that were not written by this program, with the place where they stand. */
function tellsOfBadBytes(error: unknown): boolean {
  if (!(error instanceof LsmError)) return false;
  if (error.code !== 'LSM_CORRUPTION' && error.code !== 'LSM_UNSUPPORTED_FORMAT') return false;
  return error.file !== undefined && Number.isSafeInteger(error.offset) && (error.offset as number) >= 0;
}
