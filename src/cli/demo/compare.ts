/** Checks of what a database holds against what it must hold. Every mismatch ends the demo. */
import { Buffer } from 'node:buffer';
import type { LsmSnapshot, MiniLsm } from '../../index.ts';
import { EXIT_NEGATIVE, Failure } from '../exit-codes.ts';

export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface ScanRange {
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly reverse?: boolean;
  readonly snapshot?: LsmSnapshot;
}

export function mismatch(what: string): Failure {
  return new Failure(EXIT_NEGATIVE, `mismatch: ${what}`);
}

/** The records in the bytewise order of their keys. */
export function sorted<Record extends KeyValue>(records: readonly Record[]): Record[] {
  return [...records].sort((a, b) => Buffer.compare(a.key, b.key));
}

/** Scans and requires exactly the expected records in this order; returns how many they are. */
export function expectScan(
  db: MiniLsm,
  range: ScanRange,
  expected: readonly KeyValue[],
  what: string,
): number {
  let position = 0;
  for (const [key, value] of db.scan(range)) {
    const record = expected[position];
    if (record === undefined) throw mismatch(`${what}: ${quote(key)} follows where nothing should`);
    if (!record.key.equals(key)) {
      throw mismatch(`${what}: record ${position} is ${quote(key)} and should be ${quote(record.key)}`);
    }
    if (!record.value.equals(value)) throw mismatch(`${what}: ${quote(key)} has another value`);
    position++;
  }
  if (position !== expected.length) {
    throw mismatch(`${what}: ${expected.length} records should be there and ${position} are`);
  }
  return position;
}

/** Reads every expected record by its key. */
export function expectGets(
  db: MiniLsm,
  expected: Iterable<KeyValue>,
  what: string,
  snapshot?: LsmSnapshot,
): void {
  const options = snapshot === undefined ? {} : { snapshot };
  for (const { key, value } of expected) {
    const found = db.get(key, options);
    if (found === undefined) throw mismatch(`${what}: ${quote(key)} is missing`);
    if (!value.equals(found)) throw mismatch(`${what}: ${quote(key)} has another value`);
  }
}

function quote(key: Uint8Array): string {
  return JSON.stringify(Buffer.from(key).toString('utf8'));
}
