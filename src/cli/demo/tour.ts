/**
 * The demo: the whole life of a database on real records, every step checked against the data set. It
 * starts with the promise that matters most: a process is killed while it writes, and nothing that it
 * had been told is stored may be missing.
 */
import { Buffer } from 'node:buffer';
import { type LsmSnapshot, MiniLsm, type Stats, WriteBatch } from '../../index.ts';
import { formatLine } from '../byte-text.ts';
import { counted, humanBytes, humanCount } from '../human.ts';
import type { Interruption } from '../interruption.ts';
import { type Progress, type ProgressOptions, startProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import { expectGets, expectScan, type KeyValue, mismatch, sorted } from './compare.ts';
import { crashWriter } from './crash.ts';
import { checkCrashPoint } from './crash-point.ts';
import type { City, DataSet } from './data-set.ts';
import { DEMO_OPTIONS } from './demo-options.ts';
import { randomBetween, seededRandom } from './random.ts';
import type { Steps } from './steps.ts';

export interface TourPlan {
  readonly shell: Shell;
  readonly steps: Steps;
  readonly interruption: Interruption;
  readonly data: DataSet;
  readonly directory: string;
  readonly seed: number;
}

/** What the tour leaves to tell at its end. */
export interface TourResult {
  /** As everything had been written, before it was compacted by hand. */
  readonly loaded: Stats;
  /** After the compaction, of the same open database. */
  readonly compacted: Stats;
  readonly acknowledged: number;
  readonly recovered: number;
  readonly finalRecords: number;
}

const BATCH_RECORDS = 1000;
const SAMPLE_LINES = 3;

export async function tour(plan: TourPlan): Promise<TourResult> {
  const guide = new Tour(plan);
  try {
    return await guide.run();
  } finally {
    guide.close();
  }
}

class Tour {
  readonly #plan: TourPlan;
  readonly #loadOrder: readonly City[];
  readonly #byKey: readonly City[];
  #open: MiniLsm | undefined = undefined;
  #snapshot: LsmSnapshot | undefined = undefined;
  /** What the database must hold, by key. */
  #expected: readonly KeyValue[] = [];
  #acknowledged = 0;
  #recovered = 0;

  constructor(plan: TourPlan) {
    this.#plan = plan;
    this.#loadOrder = plan.data.cities;
    this.#byKey = sorted(plan.data.cities);
  }

  async run(): Promise<TourResult> {
    const [changed, removed] = commonCountries(this.#loadOrder);
    await this.#step('Write in another process and kill it', () => this.#crash());
    await this.#step('Recover and check that nothing acknowledged is lost', () => this.#recover());
    await this.#step('Load the rest', () => this.#loadRest());
    await this.#step('Scan everything', () => this.#scanAll());
    await this.#step(`Scan country ${changed} forward and backward`, () => this.#scanCountry(changed));
    await this.#step(`Take a snapshot and overwrite country ${changed}`, () => this.#overwrite(changed));
    await this.#step(`Delete country ${removed}`, () => this.#deleteCountry(removed));
    this.#db.flush();
    const loaded = this.#db.stats();
    await this.#step('Compact under the snapshot, and again without it', () => this.#compact());
    await this.#step('Verify every block', () => this.#verify());
    const compacted = this.#db.stats();
    await this.#step('Close, reopen and check the content again', () => this.#reopen());
    return {
      loaded,
      compacted,
      acknowledged: this.#acknowledged,
      recovered: this.#recovered,
      finalRecords: this.#expected.length,
    };
  }

  close(): void {
    this.#snapshot?.close();
    this.#open?.close();
    this.#snapshot = undefined;
    this.#open = undefined;
  }

  get #db(): MiniLsm {
    if (this.#open === undefined) throw new Error('the database is not open at this step');
    return this.#open;
  }

  async #step(title: string, work: () => string | Promise<string>): Promise<void> {
    await this.#plan.interruption.check();
    await this.#plan.steps.run(title, work);
  }

  async #crash(): Promise<string> {
    const { directory, seed, interruption } = this.#plan;
    const total = this.#loadOrder.length;
    const random = seededRandom(seed + 2);
    const killAt = randomBetween(random, Math.floor(total * 0.4), Math.floor(total * 0.6));
    const progress = this.#progress('writing', total);
    try {
      this.#acknowledged = await crashWriter({
        directory,
        seed,
        records: total,
        killAt,
        onProgress: (count) => progress.update(count),
        signal: interruption.signal,
      });
    } finally {
      progress.stop();
    }
    return `SIGKILL after ${humanCount(this.#acknowledged)} of ${counted(total, 'record')} were acknowledged`;
  }

  #recover(): string {
    const { directory, seed } = this.#plan;
    this.#open = MiniLsm.open(directory, { ...DEMO_OPTIONS, createIfMissing: false });
    let found = 0;
    for (const _ of this.#db.scan()) found++;
    this.#recovered = found;
    checkCrashPoint(seed, this.#loadOrder.length, this.#acknowledged, found);
    expectGets(this.#db, this.#loadOrder.slice(0, this.#acknowledged), 'after the crash');
    this.#expected = sorted(this.#loadOrder.slice(0, found));
    expectScan(this.#db, {}, this.#expected, 'after the crash');
    const { entriesReplayed, batchesReplayed, bytesDiscarded, orphansRemoved } = this.#db.recovery;
    return [
      `${counted(entriesReplayed, 'record')} in ${humanCount(batchesReplayed)} writes replayed from the log, ` +
        `${counted(bytesDiscarded, 'byte')} of a torn write discarded, ${counted(orphansRemoved, 'orphan')} removed`,
      `all ${humanCount(this.#acknowledged)} acknowledged records are there, ` +
        `${humanCount(found - this.#acknowledged)} of a write in flight, and nothing else`,
    ].join('\n  ');
  }

  async #loadRest(): Promise<string> {
    const { interruption } = this.#plan;
    const batch = new WriteBatch();
    const progress = this.#progress('loading', this.#loadOrder.length);
    try {
      for (let start = this.#recovered; start < this.#loadOrder.length; start += BATCH_RECORDS) {
        batch.clear();
        for (const city of this.#loadOrder.slice(start, start + BATCH_RECORDS))
          batch.put(city.key, city.value);
        this.#db.write(batch);
        progress.update(start + batch.count);
        await interruption.check();
      }
    } finally {
      progress.stop();
    }
    this.#expected = this.#byKey;
    return `${counted(this.#loadOrder.length - this.#recovered, 'record')} in batches of ${humanCount(BATCH_RECORDS)}`;
  }

  #scanAll(): string {
    const count = expectScan(this.#db, {}, this.#expected, 'full scan');
    return `${counted(count, 'record')}, equal to the data set in the bytewise order of the keys`;
  }

  async #scanCountry(country: string): Promise<string> {
    const expected = this.#byKey.filter((city) => city.country === country);
    const range = countryRange(country);
    expectScan(this.#db, range, expected, `scan of ${country}`);
    expectScan(this.#db, { ...range, reverse: true }, [...expected].reverse(), `backward scan of ${country}`);
    const samples = expected
      .slice(0, SAMPLE_LINES)
      .map(({ key, value }) => `${formatLine(key, 'text')}  ${formatLine(value, 'text')}`);
    return [`${counted(expected.length, 'record')}, the same both ways`, ...samples].join('\n    ');
  }

  #overwrite(country: string): string {
    const before = this.#byKey.filter((city) => city.country === country);
    const after = before.map((city) => ({ key: city.key, value: visited(city.value) }));
    const snapshot = this.#db.snapshot();
    this.#snapshot = snapshot;
    this.#writeAll(after);
    expectGets(this.#db, before, 'under the snapshot', snapshot);
    expectGets(this.#db, after, 'latest');
    expectScan(this.#db, { ...countryRange(country), snapshot }, before, 'scan under the snapshot');
    expectScan(this.#db, countryRange(country), after, 'scan of the latest');
    this.#expected = replaceValues(this.#expected, after);
    return `${counted(after.length, 'record')}: old values under the snapshot, new ones without it`;
  }

  #deleteCountry(country: string): string {
    const { gte, lt } = countryRange(country);
    const batch = new WriteBatch();
    let deleted = 0;
    const remaining: KeyValue[] = [];
    for (const record of this.#expected) {
      if (Buffer.compare(record.key, gte) < 0 || Buffer.compare(record.key, lt) >= 0) {
        remaining.push(record);
      } else {
        batch.delete(record.key);
        deleted++;
      }
    }
    this.#db.write(batch);
    this.#expected = remaining;
    expectScan(this.#db, { gte, lt }, [], `scan of ${country} after its removal`);
    expectScan(this.#db, {}, remaining, 'full scan after the removal');
    return `${counted(deleted, 'record')} in one batch; none is left, and nothing else is missing`;
  }

  async #compact(): Promise<string> {
    const db = this.#db;
    const before = db.stats();
    db.compact();
    const under = db.stats();
    if (this.#snapshot === undefined) throw new Error('the snapshot is gone');
    expectScan(db, { snapshot: this.#snapshot }, this.#byKey, 'snapshot after the compaction');
    expectScan(db, {}, this.#expected, 'latest after the compaction');
    this.#snapshot.close();
    this.#snapshot = undefined;
    await this.#plan.interruption.check();
    db.compact();
    const after = db.stats();
    expectScan(db, {}, this.#expected, 'latest after the second compaction');
    return (
      `${humanBytes(before.bytes)} in ${counted(before.files, 'file')} -> ${humanBytes(under.bytes)} with ` +
      `the snapshot, which still reads all it saw -> ${humanBytes(after.bytes)} in ${counted(after.files, 'file')} without it`
    );
  }

  #verify(): string {
    const report = this.#db.verify();
    if (!report.ok) throw mismatch(`verify found ${counted(report.problems.length, 'problem')}`);
    return `${counted(report.files.length, 'file')}, ${humanBytes(report.bytes)}: every checksum, order and count is right`;
  }

  #reopen(): string {
    this.#db.close();
    this.#open = MiniLsm.open(this.#plan.directory, { ...DEMO_OPTIONS, createIfMissing: false });
    const count = expectScan(this.#db, {}, this.#expected, 'after reopening');
    expectGets(this.#db, this.#expected, 'after reopening');
    return `${counted(count, 'record')}, each found by scan and by key`;
  }

  #writeAll(records: readonly KeyValue[]): void {
    const batch = new WriteBatch();
    for (let start = 0; start < records.length; start += BATCH_RECORDS) {
      batch.clear();
      for (const { key, value } of records.slice(start, start + BATCH_RECORDS)) batch.put(key, value);
      this.#db.write(batch);
    }
  }

  #progress(label: string, total: number): Progress {
    const options: ProgressOptions = {
      stream: this.#plan.shell.stderr,
      label,
      unit: 'records',
      total,
      vanish: true,
    };
    return startProgress(options);
  }
}

/** The two countries with the most records; with few records there may be but one. */
function commonCountries(cities: readonly City[]): [string, string] {
  const counts = new Map<string, number>();
  for (const { country } of cities) counts.set(country, (counts.get(country) ?? 0) + 1);
  const names = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  return [names[0], names[1] ?? names[0]];
}

function countryRange(country: string): { gte: Buffer; lt: Buffer } {
  // "0" is the character after "/".
  return { gte: Buffer.from(`city/${country}/`), lt: Buffer.from(`city/${country}0`) };
}

function visited(value: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(value.toString('utf8')), visited: true }));
}

/** Both lists sorted by key, the second a part of the first. */
function replaceValues(records: readonly KeyValue[], replacements: readonly KeyValue[]): KeyValue[] {
  let next = 0;
  return records.map((record) =>
    next < replacements.length && replacements[next].key.equals(record.key) ? replacements[next++] : record,
  );
}
