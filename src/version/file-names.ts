/**
 * The names of the files in a database directory. A file is known by its number alone: a name is made from
 * the number and nothing stored on disk ever holds a path, so no byte of a database can point outside it.
 *
 *     000123.sst        a table                LOCK-000001      the lock of the directory
 *     000123.wal        a write-ahead log      CURRENT          names the live manifest
 *     MANIFEST-000123   a manifest             CURRENT.tmp      the next CURRENT while it is written
 *
 * Numbers have at least six digits and no other leading zeros. Tables, logs and manifests share one sequence
 * of numbers, and none is ever used twice.
 */
import { joinPath } from '../fs/file-system.ts';
import { isLockFileName } from '../fs/lock-file-name.ts';

/** Names the live manifest. */
export const CURRENT_FILE_NAME = 'CURRENT';
/** The next CURRENT, until it is renamed. */
export const CURRENT_TEMPORARY_NAME = 'CURRENT.tmp';

/** What a name in a database directory stands for; `number` is 0 where the kind has none. */
export interface ParsedFileName {
  readonly kind: 'table' | 'wal' | 'manifest' | 'current' | 'current-temporary' | 'lock';
  readonly number: number;
}

export function tableFileName(number: number): string {
  return `${digits(number)}.sst`;
}

export function walFileName(number: number): string {
  return `${digits(number)}.wal`;
}

export function manifestFileName(number: number): string {
  return `MANIFEST-${digits(number)}`;
}

export function tablePath(directory: string, number: number): string {
  return joinPath(directory, tableFileName(number));
}

export function walPath(directory: string, number: number): string {
  return joinPath(directory, walFileName(number));
}

export function manifestPath(directory: string, number: number): string {
  return joinPath(directory, manifestFileName(number));
}

const NUMBERED = /^(?:(\d{6,16})\.(sst|wal)|MANIFEST-(\d{6,16}))$/;

/** What a name stands for, or undefined for a name that no database writes: such a file is left alone. */
export function parseFileName(name: string): ParsedFileName | undefined {
  if (name === CURRENT_FILE_NAME) return { kind: 'current', number: 0 };
  if (name === CURRENT_TEMPORARY_NAME) return { kind: 'current-temporary', number: 0 };
  if (isLockFileName(name)) return { kind: 'lock', number: 0 };
  const match = NUMBERED.exec(name);
  if (match === null) return undefined;
  const [, tableOrLog, extension, manifest] = match;
  const text = tableOrLog ?? manifest;
  const number = Number(text);
  // One name a number: 0000001.sst is not ours, and neither is a number that a double cannot hold.
  if (number === 0 || !Number.isSafeInteger(number) || digits(number) !== text) return undefined;
  if (extension === undefined) return { kind: 'manifest', number };
  return { kind: extension === 'sst' ? 'table' : 'wal', number };
}

function digits(number: number): string {
  return String(number).padStart(6, '0');
}
