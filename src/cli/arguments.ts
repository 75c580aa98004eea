/** Options that several subcommands share, and how their texts become numbers and bytes. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { type Encoding, parseBytes } from './byte-text.ts';

export interface EncodingOptions {
  readonly hex?: true;
  readonly base64?: true;
}

/** Adds `--hex` and `--base64`, for keys and values that are not text. */
export function addEncodingOptions(command: Command): Command {
  return command
    .addOption(new Option('--hex', 'keys and values are hex, in arguments and in output').conflicts('base64'))
    .addOption(new Option('--base64', 'keys and values are base64, in arguments and in output'));
}

export function encodingOf(options: EncodingOptions): Encoding {
  if (options.hex) return 'hex';
  return options.base64 ? 'base64' : 'text';
}

export interface RangeOptions {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly prefix?: string;
}

/** A range of keys as the engine takes it. */
export interface KeyBounds {
  gt?: Uint8Array;
  gte?: Uint8Array;
  lt?: Uint8Array;
  lte?: Uint8Array;
}

/** The bounds that the options ask for. */
export function boundsOf(options: RangeOptions, encoding: Encoding): KeyBounds {
  const bounds: KeyBounds = {};
  for (const name of ['gt', 'gte', 'lt', 'lte'] as const) {
    const text = options[name];
    if (text !== undefined) bounds[name] = parseBytes(text, encoding, `key of --${name}`);
  }
  if (options.prefix !== undefined) {
    const prefix = parseBytes(options.prefix, encoding, 'prefix');
    bounds.gte = prefix;
    const after = firstAfterPrefix(prefix);
    if (after !== undefined) bounds.lt = after;
  }
  return bounds;
}

/** The smallest key above every key with the prefix; undefined if there is none. */
export function firstAfterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  // Not `prefix.slice`, which on a Buffer gives a view of the prefix itself.
  const after = new Uint8Array(prefix.subarray(0, length));
  after[length - 1]++;
  return after;
}

/** A whole number from `minimum` up. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= minimum)) throw new InvalidArgumentError(`give a whole number from ${minimum} up.`);
    return value;
  };
}
