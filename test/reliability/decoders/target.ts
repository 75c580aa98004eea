/** A decoder under test. Whatever bytes it is given, it has to decode them or to refuse them as it promises. */
import type { Random } from '../../support/random.ts';

export interface Target {
  /** Such as `wal batch`; the name of its folder in the corpus has `-` for each space. */
  readonly name: string;
  /** The modules whose counters guide the search: beginnings of their paths, such as `src/log/`. */
  readonly covers: readonly string[];
  /** Whole, right inputs, as a writer makes them. Their keys and values carry {@link SECRET}. */
  seeds(): readonly Uint8Array[];
  /** Makes checksums and the like right again, in place, so that what lies behind them is reached. */
  mend?(bytes: Uint8Array, random: Random): void;
  /**
   * Decodes the bytes, and checks what came out: that it encodes to the same bytes again, or is what a simpler
   * decoder finds. @throws whatever the decoder throws, and an AssertionError for a wrong result
   */
  run(bytes: Uint8Array): void | Promise<void>;
  /** Whether an error is one of those that the decoder promises. Default: an `LsmError` that tells of bad bytes. */
  refuses?(error: unknown): boolean;
  /** The longest input that is tried, bytes. Default 4096. */
  readonly longest?: number;
  /** What a run may allocate: so many bytes, and so many for each byte of the input. Default 64 KiB and 16. */
  readonly memory?: Limit;
  /** How many times counters may be passed in a run, likewise. Default 2000 and 100. */
  readonly steps?: Limit;
  /** Byte strings that mean something to the decoder. */
  readonly words?: readonly string[];
  /** Executions in a first session. Default 50,000; less for those that take long. */
  readonly firstSession?: number;
}

export interface Limit {
  readonly base: number;
  readonly perByte: number;
}

/** Part of every key and value: an error that repeats it has told what it must not. */
export const SECRET = 'Z~7';
