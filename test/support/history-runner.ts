/**
 * Runs a history against a database and against a {@link Model}, compares every answer, and checks the
 * invariants of the tree after every step.
 */
import assert from 'node:assert/strict';
import type { DbCursor } from '../../src/db/db-cursor.ts';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import type { Snapshot } from '../../src/db/snapshots.ts';
import type { Options } from '../../src/options.ts';
import { checkVersion } from '../../src/version/check-version.ts';
import { WriteBatch } from '../../src/wal/write-batch.ts';
import { expectError } from './expect-error.ts';
import { type Ends, KEYS, type Move, rangeFor, type ScanStep, type Step, valueFor } from './histories.ts';
import type { Host } from './hosts.ts';
import { describeEntries, lowerBound, Model, type ModelEntry, toText } from './model.ts';

interface HeldSnapshot {
  readonly snapshot: Snapshot;
  readonly seen: Model;
}

interface HeldCursor {
  readonly cursor: DbCursor;
  /** What it must walk over, and where it stands: an index outside of it means on no entry. */
  readonly entries: readonly ModelEntry[];
  at: number;
}

/** How often everything is read and `verify` runs, in steps. */
const EXAMINED_EVERY = 50;

/** The most snapshots and cursors that are held at a time. */
const HELD = 6;

export class HistoryRunner {
  /** The levels that held a table after any step. */
  readonly levelsReached: Set<number> = new Set();
  readonly #host: Host;
  readonly #options: Options;
  #db: MiniLsm;
  readonly #model = new Model();
  #snapshots: HeldSnapshot[] = [];
  #cursors: HeldCursor[] = [];
  #step = 0;

  constructor(host: Host, options: Options) {
    this.#host = host;
    this.#options = options;
    this.#db = host.open(options);
  }

  /** Runs all the steps, examines everything and closes the database. */
  run(steps: readonly Step[]): void {
    try {
      for (const step of steps) this.perform(step);
      this.examine();
      this.#host.kill(this.#db);
      assert.deepEqual(this.#host.violations, []);
    } finally {
      this.#db.close();
    }
  }

  get db(): MiniLsm {
    return this.#db;
  }

  perform(step: Step): void {
    this.#step += 1;
    this.#perform(step);
    this.#checkTree();
    for (const held of this.#cursors) checkPosition(held);
    if (this.#step % EXAMINED_EVERY === 0) this.examine();
  }

  /** Reads everything, under every snapshot as well, and verifies every file. */
  examine(): void {
    this.compareAll();
    for (const key of KEYS) this.#checkGet(key);
    const report = this.#db.verify();
    assert.deepEqual(report.problems, []);
  }

  /** Reads everything both ways, now and under every snapshot, and steps through every cursor. */
  compareAll(): void {
    compareScans(this.#db, this.#model);
    for (const { snapshot, seen } of this.#snapshots) compareScans(this.#db, seen, snapshot);
    for (const held of this.#cursors) walkThrough(held);
  }

  /** What the database says now, and under every snapshot: by scans both ways and key by key. */
  contents(): string[][] {
    const views = [undefined, ...this.#snapshots.map(({ snapshot }) => snapshot)];
    return views.flatMap((snapshot) => [
      describeEntries(this.#db.scan({ snapshot })),
      describeEntries(this.#db.scan({ snapshot, reverse: true })),
      KEYS.map((key) => toText(this.#db.get(key, { snapshot }))),
    ]);
  }

  #perform(step: Step): void {
    const db = this.#db;
    switch (step[0]) {
      case 'put':
        this.#put(step[1], step[2], 0);
        break;
      case 'delete':
        this.#delete(step[1]);
        break;
      case 'batch':
        this.#batch(step[1]);
        break;
      case 'fill':
        for (let i = 0; i < step[2]; i++) this.#put((step[1] + i) % KEYS.length, step[3], i);
        break;
      case 'clear':
        for (let i = 0; i < step[2]; i++) this.#delete((step[1] + i) % KEYS.length);
        break;
      case 'get':
        this.#checkGet(KEYS[step[1]], this.#liveSnapshot(step[2]));
        break;
      case 'scan':
        this.#scan(step[1], step[2]);
        break;
      case 'snapshot':
        if (this.#snapshots.length < HELD)
          this.#snapshots.push({ snapshot: db.snapshot(), seen: this.#model.clone() });
        break;
      case 'close snapshot':
        closeOne(this.#snapshots, step[1], ({ snapshot }) => snapshot.close());
        break;
      case 'cursor':
        this.#openCursor(step[1], step[2]);
        break;
      case 'move':
        this.#moveCursor(step[1], step[2]);
        break;
      case 'close cursor':
        closeOne(this.#cursors, step[1], ({ cursor }) => cursor.close());
        break;
      case 'flush':
        db.flush();
        break;
      case 'compact':
        db.compact(rangeFor(step[1]));
        break;
      case 'sync':
        db.sync();
        break;
      case 'checkpoint':
        this.#checkpoint();
        break;
      case 'repair':
        this.#reopen(() => this.#repair(step[1]));
        break;
      case 'reopen':
        this.#reopen(() => db.close());
        break;
      case 'kill':
        this.#reopen(() => this.#host.kill(db));
        break;
    }
  }

  #delete(key: number): void {
    this.#db.delete(KEYS[key]);
    this.#model.delete(KEYS[key]);
  }

  #put(key: number, size: number, within: number): void {
    const value = valueFor(this.#step, within, size);
    this.#db.put(KEYS[key], value);
    this.#model.put(KEYS[key], value);
  }

  #batch(writes: readonly (readonly [number, number | 'delete'])[]): void {
    const batch = new WriteBatch();
    for (const [at, [key, size]] of writes.entries()) {
      if (size === 'delete') batch.delete(KEYS[key]);
      else batch.put(KEYS[key], valueFor(this.#step, at, size));
    }
    this.#db.write(batch);
    for (const [at, [key, size]] of writes.entries()) {
      if (size === 'delete') this.#model.delete(KEYS[key]);
      else this.#model.put(KEYS[key], valueFor(this.#step, at, size));
    }
  }

  #checkGet(key: Uint8Array, held?: HeldSnapshot): void {
    const seen = held?.seen ?? this.#model;
    const options = held === undefined ? undefined : { snapshot: held.snapshot };
    const expected = seen.get(key);
    assert.equal(toText(this.#db.get(key, options)), toText(expected), `get of ${toText(key)}`);
    assert.equal(this.#db.has(key, options), expected !== undefined, `has of ${toText(key)}`);
  }

  #scan(ends: Ends, { reverse = false, limit = -1, fillCache, live }: ScanStep): void {
    const held = this.#liveSnapshot(live);
    const range = rangeFor(ends);
    const found = this.#db.scan({ ...range, reverse, limit, fillCache, snapshot: held?.snapshot });
    let expected = (held?.seen ?? this.#model).entries(range);
    if (reverse) expected.reverse();
    if (limit >= 0) expected = expected.slice(0, limit);
    assert.deepEqual(describeEntries(found), describeEntries(expected));
  }

  #openCursor(ends: Ends, live: number | undefined): void {
    if (this.#cursors.length >= HELD) return;
    const held = this.#liveSnapshot(live);
    const range = rangeFor(ends);
    const cursor = this.#db.cursor({ ...range, snapshot: held?.snapshot });
    this.#cursors.push({ cursor, entries: (held?.seen ?? this.#model).entries(range), at: -1 });
  }

  #moveCursor(live: number, moves: readonly Move[]): void {
    if (this.#cursors.length === 0) return;
    const held = this.#cursors[live % this.#cursors.length];
    for (const move of moves) moveBoth(held, move);
  }

  #liveSnapshot(live: number | undefined): HeldSnapshot | undefined {
    if (live === undefined || this.#snapshots.length === 0) return undefined;
    return this.#snapshots[live % this.#snapshots.length];
  }

  /** A copy holds what the model holds, and what becomes of it is nothing to this database. */
  #checkpoint(): void {
    const { fs, directory } = internals(this.#db).core;
    const path = `${directory}-copy`;
    this.#db.checkpoint(path);
    const fileSystem = fs.shared ? undefined : fs;
    const copy = MiniLsm.open(path, { ...this.#options, fileSystem });
    try {
      compareScans(copy, this.#model);
      assert.deepEqual(copy.verify().problems, []);
      for (const key of KEYS) copy.put(key, 'only here');
      copy.compact();
    } finally {
      copy.close();
    }
    MiniLsm.destroy(path, { fileSystem });
  }

  /** A repair loses nothing, also if it has to find out by itself what belongs to the tree. */
  #repair(what: 'whole' | 'without CURRENT'): void {
    const { fs, directory } = internals(this.#db).core;
    this.#db.close();
    if (what === 'without CURRENT') fs.remove(`${directory}/CURRENT`);
    const fileSystem = fs.shared ? undefined : fs;
    const report = MiniLsm.repair(directory, { ...this.#options, fileSystem, background: undefined });
    assert.equal(report.problems.length, what === 'whole' ? 0 : 1);
  }

  #reopen(leave: () => void): void {
    const snapshots = this.#snapshots;
    const cursors = this.#cursors;
    const left = this.#db;
    leave();
    this.#db = this.#host.open(this.#options);
    this.#snapshots = [];
    this.#cursors = [];
    assert.equal(this.#db.recovery.bytesDiscarded, 0);
    if (!left.closed) return;
    for (const { cursor } of cursors) expectError('LSM_CLOSED', () => cursor.first());
    for (const { snapshot } of snapshots) assert.equal(snapshot.closed, true);
  }

  #checkTree(): void {
    const { fs, directory, view } = internals(this.#db).core;
    checkVersion(view.version, { fs, directory });
    for (const [level, tables] of view.version.levels.entries()) {
      if (tables.length > 0) this.levelsReached.add(level);
    }
  }
}

/** Compares all that a database holds with what it must hold, forward and backward. */
export function compareScans(db: MiniLsm, expected: Model, snapshot?: Snapshot): void {
  const lines = describeEntries(expected.entries());
  assert.deepEqual(describeEntries(db.scan({ snapshot })), lines);
  assert.deepEqual(describeEntries(db.scan({ snapshot, reverse: true })).reverse(), lines);
}

function moveBoth(held: HeldCursor, move: Move): void {
  const { cursor, entries } = held;
  const standing = held.at >= 0 && held.at < entries.length;
  if ((move === 'next' || move === 'prev') && !standing) {
    expectError('LSM_INVALID_ARGUMENT', () => cursor[move]());
    return;
  }
  let there: boolean;
  if (move === 'first' || move === 'last') {
    there = cursor[move]();
    held.at = move === 'first' ? 0 : entries.length - 1;
  } else if (move === 'next' || move === 'prev') {
    there = cursor[move]();
    held.at += move === 'next' ? 1 : -1;
  } else {
    const [how, number] = move;
    const key = KEYS[number];
    there = cursor[how](key);
    held.at = lowerBound(entries, key);
    const exact = held.at < entries.length && toText(entries[held.at][0]) === toText(key);
    if (how === 'seekBack' && !exact) held.at -= 1;
  }
  assert.equal(there, cursor.valid);
  checkPosition(held);
}

/** The cursor stands where it must, and its views still show that entry. */
function checkPosition({ cursor, entries, at }: HeldCursor): void {
  const expected = at >= 0 && at < entries.length ? entries[at] : undefined;
  assert.equal(cursor.valid, expected !== undefined, 'the cursor stands on an entry');
  if (expected === undefined) return;
  assert.equal(toText(cursor.key), toText(expected[0]), 'key under the cursor');
  assert.equal(toText(cursor.value), toText(expected[1]), 'value under the cursor');
}

/** From the entry it stands on to the end, and back to where it was. */
function walkThrough(held: HeldCursor): void {
  const { at, entries } = held;
  if (at < 0 || at >= entries.length) return;
  for (let i = at; i < entries.length - 1; i++) moveBoth(held, 'next');
  for (let i = entries.length - 1; i > at; i--) moveBoth(held, 'prev');
}

function closeOne<Held>(all: Held[], live: number, close: (held: Held) => void): void {
  const [held] = all.length === 0 ? [] : all.splice(live % all.length, 1);
  if (held !== undefined) close(held);
}
