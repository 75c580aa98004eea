/** Runs the public test suite of abstract-level, which is written for tape, and says what it found. */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import tape from 'tape';

/** What of a database is used here. */
interface AnyLevel {
  close(): Promise<void>;
  removeAllListeners(): unknown;
}

type Factory = (options?: object) => AnyLevel;

/** It comes without types. */
const suite: (options: { test: tape.Harness; factory: Factory }) => void = createRequire(import.meta.url)(
  'abstract-level/test',
);

export interface SuiteReport {
  readonly tests: number;
  readonly assertions: number;
  /** Assertions that did not hold, each with the name of its test and what was expected and found. */
  readonly failures: readonly string[];
}

/** A line of tape's report in object mode. */
type Row =
  | { readonly type: 'test'; readonly id: number; readonly name: string }
  | { readonly type: 'end'; readonly test: number }
  | {
      readonly type: 'assert';
      readonly test: number;
      readonly ok: boolean;
      readonly name?: string;
      readonly operator: string;
      readonly expected?: unknown;
      readonly actual?: unknown;
      readonly error?: Error;
    };

interface EventSource {
  on(event: string, listener: (row: Row) => void): unknown;
}

/** How long one test of the suite may take, milliseconds; the slowest takes less than a second. */
const PATIENCE = 30_000;

/**
 * Runs the suite on databases that `factory` makes, each of them empty. Many tests leave theirs open; all are
 * closed in the end.
 */
export async function runAbstractSuite(factory: Factory): Promise<SuiteReport> {
  const databases: AnyLevel[] = [];
  const harness = tape.createHarness();
  const report = collect(harness.createStream({ objectMode: true }));
  suite({
    test: harness,
    factory: (options) => {
      const db = factory(options);
      databases.push(db);
      return db;
    },
  });
  try {
    return await report;
  } finally {
    await Promise.all(databases.map(closeAnyway));
  }
}

/**
 * Closes a database that a test is done with. Some tests open it again when they hear that it was closed; and
 * one has something that depends on the database fail to close, after which abstract-level does not close the
 * database either.
 */
async function closeAnyway(db: AnyLevel): Promise<void> {
  db.removeAllListeners();
  try {
    await db.close();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'LEVEL_STATUS_LOCKED' && code !== 'LEVEL_DATABASE_NOT_CLOSED') throw error;
    await (db as AnyLevel & { _close(): Promise<void> })._close();
  }
}

function collect(rows: EventSource): Promise<SuiteReport> {
  const names = new Map<number, string>();
  const running = new Set<number>();
  const failures: string[] = [];
  let assertions = 0;
  return new Promise((resolve, reject) => {
    const watchdog = setTimeout(() => {
      const stuck = Array.from(running, (id) => `"${names.get(id)}"`).join(', ');
      reject(new Error(`no news of ${stuck} for ${PATIENCE / 1000} s; until then: ${failures.join('\n')}`));
    }, PATIENCE);
    rows.on('data', (row: Row) => {
      watchdog.refresh();
      if (row.type === 'test') {
        names.set(row.id, row.name);
        running.add(row.id);
      } else if (row.type === 'end') {
        running.delete(row.test);
      } else if (row.type === 'assert') {
        assertions++;
        if (!row.ok) failures.push(`"${names.get(row.test)}": ${describeFailure(row)}`);
      }
    });
    rows.on('end', () => {
      clearTimeout(watchdog);
      resolve({ tests: names.size, assertions, failures });
    });
  });
}

function describeFailure({ name, operator, expected, actual, error }: Row & { type: 'assert' }): string {
  const lines = [`${name ?? 'unnamed assertion'} (${operator})`];
  lines.push(`  expected: ${inspect(expected)}`, `  actual:   ${inspect(actual)}`);
  if (error?.stack !== undefined) lines.push(error.stack.replace(/^/gm, '  '));
  return lines.join('\n');
}
