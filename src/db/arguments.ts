/** Checks what callers pass: keys, values, ranges. */
import { isBytes } from '../bytes/is-bytes.ts';
import { utf8Bytes } from '../bytes/utf8.ts';
import { LsmError } from '../errors.ts';
import { MAX_KEY_BYTES } from '../keys/internal-key.ts';
import type { Bound, KeyRange } from '../keys/key-range.ts';
import { flagOption, numberOption, optionsObject } from '../options.ts';
import type { Snapshot } from './snapshots.ts';

/** A key or value as callers give it: text, stored as UTF-8, or bytes. */
export type Bytes = string | Uint8Array;

/** Which keys, by their bytes. `gte` wins over `gt`, `lte` over `lt`. */
export interface RangeOptions {
  readonly gt?: Bytes | undefined;
  readonly gte?: Bytes | undefined;
  readonly lt?: Bytes | undefined;
  readonly lte?: Bytes | undefined;
}

/** Options of a point read. */
export interface ReadOptions {
  /** Read what this snapshot sees. Default: the latest. */
  readonly snapshot?: Snapshot | undefined;
}

/** Options of a cursor. */
export interface CursorOptions extends RangeOptions, ReadOptions {
  /** Whether the blocks read stay in the cache. Default `true`; `false` keeps a long scan from flushing it. */
  readonly fillCache?: boolean | undefined;
}

/** Options of a scan. */
export interface ScanOptions extends CursorOptions {
  /** Walk from the last entry to the first. Default `false`. */
  readonly reverse?: boolean | undefined;
  /** How many entries at most; -1 for all. Default -1. */
  readonly limit?: number | undefined;
}

/** Options of a write. */
export interface WriteOptions {
  /**
   * Return only after the write is on the disk, so that it survives a power cut. Default `false`: it is with
   * the operating system, and survives the process.
   */
  readonly sync?: boolean | undefined;
}

export const RANGE_NAMES: readonly string[] = ['gt', 'gte', 'lt', 'lte'];
export const CURSOR_NAMES: readonly string[] = [...RANGE_NAMES, 'snapshot', 'fillCache'];
export const SCAN_NAMES: readonly string[] = [...CURSOR_NAMES, 'reverse', 'limit'];

/** The bytes of a key. @throws LsmError `LSM_INVALID_ARGUMENT`, `LSM_TOO_LARGE` */
export function keyBytes(key: unknown, what = 'a key'): Uint8Array {
  const bytes = typeof key === 'string' ? utf8Bytes(key) : key;
  if (!isBytes(bytes)) throw new LsmError('LSM_INVALID_ARGUMENT', `${what} must be a string or a Uint8Array`);
  if (bytes.length > MAX_KEY_BYTES) throw keyTooLong(bytes.length, what);
  return bytes;
}

export function keyTooLong(length: number | string, what = 'a key'): LsmError {
  return new LsmError('LSM_TOO_LARGE', `${what} may have ${MAX_KEY_BYTES} bytes; this one has ${length}`);
}

/** The range that options ask for; its keys are copies. */
export function keyRange(given: Record<string, unknown>): KeyRange {
  return {
    lower: bound(given, 'gte', 'gt'),
    upper: bound(given, 'lte', 'lt'),
  };
}

/** Whether a write asks for durability. A quick path: this is asked at every put. */
export function syncOption(options: WriteOptions | undefined): boolean {
  if (options === undefined) return false;
  return flagOption(optionsObject(options, 'the write options', ['sync']), 'sync', false);
}

/** Checked options of a scan, without range and snapshot. */
export function scanLimit(given: Record<string, unknown>): number {
  const limit = given.limit === Infinity ? -1 : numberOption(given, 'limit', -1, -1, Number.MAX_SAFE_INTEGER);
  return limit === -1 ? Infinity : limit;
}

/** The function that a long task tells of its progress. */
export function progressOption({
  onProgress,
}: Record<string, unknown>): ((done: number, total: number) => void) | undefined {
  if (onProgress === undefined) return undefined;
  if (typeof onProgress === 'function') return (done, total) => void onProgress(done, total);
  throw new LsmError('LSM_INVALID_ARGUMENT', 'option onProgress must be a function');
}

/** The signal that may end a long task; undefined if there is none. @throws LsmError `LSM_INVALID_ARGUMENT` */
export function signalOption(given: unknown): AbortSignal | undefined {
  const signal = typeof given === 'object' && given !== null && 'signal' in given ? given.signal : undefined;
  if (signal === undefined || signal === null) return undefined;
  if (typeof signal === 'object' && 'aborted' in signal && 'addEventListener' in signal) {
    return signal as AbortSignal;
  }
  throw new LsmError('LSM_INVALID_ARGUMENT', 'option signal must be an AbortSignal');
}

/** @throws LsmError `LSM_ABORTED` if the signal says so, with its reason as the cause. */
export function checkNotAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new LsmError('LSM_ABORTED', 'the work was ended by its signal', { cause: signal.reason });
}

/** The path of a database as callers give it. */
export function checkedPath(path: unknown): string {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new LsmError(
      'LSM_INVALID_ARGUMENT',
      'the path of a database must be a string, not empty and without NUL',
    );
  }
  return path;
}

export function notADirectory(path: string): LsmError {
  const message = `${path} is not a directory, and a database needs one; check the path`;
  return new LsmError('LSM_INVALID_ARGUMENT', message, { file: path });
}

function bound(given: Record<string, unknown>, inclusive: string, exclusive: string): Bound | undefined {
  const name = given[inclusive] !== undefined ? inclusive : exclusive;
  if (given[name] === undefined) return undefined;
  // A Buffer's own slice() would be a view of what the caller may change.
  return { key: new Uint8Array(keyBytes(given[name], `option ${name}`)), inclusive: name === inclusive };
}
