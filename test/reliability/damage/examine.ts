/**
 * Opens a damaged database and asks it everything in every way. Each answer is the one that the database gave
 * before it was damaged, or a typed error that names the place; and whatever is missing is reported.
 *
 * One thing is allowed for: batches at the end of the last log that were not known to be on the disk when the
 * process died look like ones that a power cut tore. They may be gone if the report of the open says so.
 *
 * One thing cannot be seen: a last log that was cut off exactly between two records, after a process that
 * died. It is counted, so that nobody forgets how much that is.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { VerifyReport } from '../../../src/db/verify-report.ts';
import { LsmError } from '../../../src/errors.ts';
import type { FileSystem, ReadableFile } from '../../../src/fs/file-system.ts';
import type { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { MiniLevel } from '../../../src/level/mini-level.ts';
import { LOG_HEADER_BYTES, RECORD_HEADER_BYTES } from '../../../src/log/log-format.ts';
import { Layer } from '../../simulation/layer.ts';
import { MappingFileSystem } from '../../simulation/mapping-file-system.ts';
import { filesIn, readBytes, replaceFile } from '../../support/edit-file.ts';
import type { ModelEntry } from '../../support/model.ts';
import { assertFoundToo, assertToldBefore, assertUntouched, verifyClosed } from './agreement.ts';
import type { Damage } from './damages.ts';
import type { Scene, State } from './scenes.ts';

export type Outcome =
  | 'identical'
  | 'refused at open'
  | 'refused when read'
  | 'unsynced batches dropped and reported'
  | 'cut off between two records';

/** Which of the ways that take longer are tried as well. */
export interface Extent {
  readonly compact: boolean;
  readonly level: boolean;
  /** Whether a verification without opening must agree. */
  readonly verify: boolean;
  /** Whether tables are read through mappings. */
  readonly mapped: boolean;
}

/** Reads that no honest run comes near to: whole files are a few kilobytes. */
const MOST_READS = 20_000;

const MOST_MEMORY_BYTES = 512 * 2 ** 20;

/** A disk with the damage done; undefined if that changes nothing. */
export function inflict({ scene, contents }: Damage): MemoryFileSystem | undefined {
  const disk = scene.disk.crashClone();
  let changed = false;
  for (const [path, bytes] of contents) {
    const before = disk.status(path) === undefined ? undefined : readBytes(disk, path);
    if (before !== undefined && bytes !== undefined && Buffer.compare(before, bytes) === 0) continue;
    if (bytes !== undefined) replaceFile(disk, path, bytes);
    else if (before !== undefined) disk.remove(path);
    changed = true;
  }
  return changed ? disk : undefined;
}

export async function examine(damage: Damage, disk: MemoryFileSystem, extent: Extent): Promise<Outcome> {
  const { scene } = damage;
  const fileSystem = extent.mapped ? new MappingFileSystem(new FewReads(disk)) : new FewReads(disk);
  const before = filesIn(disk, scene.directory);
  const verified = extent.verify ? verifyClosed(new FewReads(disk), scene.directory) : undefined;
  for (const { file } of verified?.problems ?? []) assertBlames(file, damage);
  const options = { ...scene.options, fileSystem, mmap: extent.mapped };
  let db: MiniLsm;
  try {
    db = MiniLsm.open(scene.directory, options);
  } catch (error) {
    assertTyped(error, damage);
    assertUntouched(disk, scene.directory, before, 'a refused open');
    if (verified !== undefined) assertFoundToo(verified, error);
    return 'refused at open';
  }
  const examination = new Examination(damage, disk, db);
  try {
    examination.run(extent, verified);
  } finally {
    db.close();
  }
  if (extent.level) await examination.readByLevel(fileSystem);
  const { arrayBuffers } = process.memoryUsage();
  assert.ok(arrayBuffers < MOST_MEMORY_BYTES, `${arrayBuffers} bytes of memory for a few kilobytes of files`);
  return examination.outcome;
}

/** A layer that ends whatever goes on reading for ever. */
class FewReads extends Layer {
  #reads = 0;

  override openFile(path: string): ReadableFile {
    const file = super.openFile(path);
    const read = file.read.bind(file);
    file.read = (into, start, length, position) => {
      this.#reads += 1;
      if (this.#reads > MOST_READS) throw new Error(`over ${MOST_READS} reads for a few kilobytes`);
      read(into, start, length, position);
    };
    return file;
  }
}

function assertTyped(error: unknown, damage: Damage): asserts error is LsmError {
  if (!(error instanceof LsmError)) throw error;
  const { scene } = damage;
  const { code, file, offset, message } = error;
  assert.ok(code === 'LSM_CORRUPTION' || code === 'LSM_UNSUPPORTED_FORMAT', `${code}: ${message}`);
  assert.ok(file !== undefined && offset !== undefined, `${message} names a file and an offset`);
  assert.ok(file.startsWith(`${scene.directory}/`), message);
  assertBlames(file, damage);
}

function assertBlames(file: string | undefined, { contents }: Damage): void {
  // What CURRENT or a manifest says when it is another one is found wrong in the files that it speaks of.
  if ([...contents.keys()].some((path) => /CURRENT|MANIFEST/.test(path))) return;
  assert.ok(file !== undefined && contents.has(file), `${file} is blamed, and not ${[...contents.keys()]}`);
}

class Examination {
  readonly #damage: Damage;
  readonly #scene: Scene;
  readonly #disk: MemoryFileSystem;
  readonly #db: MiniLsm;
  readonly #state: State;
  readonly #values: ReadonlyMap<string, Uint8Array>;
  #refusals = 0;
  #isCutBetween = false;

  constructor(damage: Damage, disk: MemoryFileSystem, db: MiniLsm) {
    this.#damage = damage;
    this.#scene = damage.scene;
    this.#disk = disk;
    this.#db = db;
    const { sequence } = db.stats();
    const state = this.#scene.states.find((candidate) => candidate.sequence === sequence);
    assert.ok(state !== undefined, `what is there ends with a whole commit, not with sequence ${sequence}`);
    this.#state = state;
    this.#values = new Map(state.entries.map(([key, value]) => [hex(key), value]));
  }

  get outcome(): Outcome {
    if (this.#isCutBetween) return 'cut off between two records';
    if (this.#refusals > 0) return 'refused when read';
    const isLast = this.#state === this.#scene.states.at(-1);
    return isLast ? 'identical' : 'unsynced batches dropped and reported';
  }

  run({ compact }: Extent, verified: VerifyReport | undefined): void {
    this.#checkReport();
    this.#read();
    const isWhole = this.#verify() && this.#refusals === 0;
    const isThere = (file: string): boolean => this.#disk.status(file) !== undefined;
    if (verified !== undefined) assertToldBefore(verified, this.#db.recovery, isWhole, isThere);
    if (!compact) return;
    const before = this.#refusals;
    if (!this.#refuses(() => this.#db.compact()) && before === 0) {
      this.#read();
      assert.equal(this.#refusals, 0, 'what could be read can be read after a compaction');
      return;
    }
    this.#read();
    this.#verify();
  }

  async readByLevel(fileSystem: FileSystem): Promise<void> {
    const level = new MiniLevel<Uint8Array, Uint8Array>(this.#scene.directory, {
      ...this.#scene.options,
      fileSystem,
      keyEncoding: 'view',
      valueEncoding: 'view',
    });
    const keys = this.#scene.keys.filter((key) => key.length > 0);
    try {
      await level.open();
      const found = await level.getMany([...keys]);
      for (const [at, key] of keys.entries()) this.#assertValue(key, found[at]);
    } catch (error) {
      assertTyped(causeOf(error), this.#damage);
      this.#refusals += 1;
    } finally {
      await level.close().catch(() => {});
    }
  }

  /** Whatever of the last log is not there any more was reported, and was not synced. */
  #checkReport(): void {
    const { discarded, bytesDiscarded } = this.#db.recovery;
    const { states, lastLog, closed, syncedSequence } = this.#scene;
    const damaged = lastLog === undefined ? undefined : this.#damage.contents.get(lastLog.path);
    const isComplete = this.#state === states.at(-1);
    assert.equal(
      bytesDiscarded,
      discarded.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    for (const { file } of discarded) {
      assert.ok(this.#damage.contents.has(file), `nothing of ${file}, which is whole, is left out`);
    }
    const tail = discarded.find(({ file }) => file === lastLog?.path);
    if (tail !== undefined) {
      const { offset, bytes } = tail;
      assert.ok(this.#endsInLastLog.includes(offset), `the report says where the log ends, not ${offset}`);
      assert.equal(offset + bytes, damaged?.length, 'the report says how much was cut off');
    }
    if (isComplete) return;
    assert.ok(lastLog !== undefined && damaged !== undefined, 'only what is in the last log can be missing');
    if (hasLastRecord(lastLog.bytes, damaged, states)) {
      assert.ok(this.#state.sequence >= syncedSequence, 'what was synced is there');
    }
    if (tail !== undefined) return;
    assert.ok(!closed, 'nothing can be missing without a report in a log that a close completed');
    assert.ok(this.#endsInLastLog.includes(damaged.length), 'nothing is missing without a report');
    this.#isCutBetween = true;
  }

  /** Where the last log may end if nothing after this state is in it: with its seal, if it has one, or without. */
  get #endsInLastLog(): number[] {
    const { log, logBytes, sealed } = this.#state;
    if (log !== this.#scene.lastLog?.path) return [LOG_HEADER_BYTES];
    return sealed ? [logBytes, logBytes - RECORD_HEADER_BYTES] : [logBytes];
  }

  #read(): void {
    const db = this.#db;
    const { entries } = this.#state;
    const refused = [
      this.#refuses(() => assertSame(db.scan(), entries)),
      this.#refuses(() => assertSame(db.scan({ reverse: true, fillCache: false }), entries.toReversed())),
      this.#refuses(() => this.#walk()),
      ...this.#scene.keys.map((key) => this.#refuses(() => this.#assertValue(key, db.get(key)))),
    ];
    this.#refusals += refused.filter(Boolean).length;
  }

  /** Seeks to each key, and steps to its neighbours. */
  #walk(): void {
    const { entries } = this.#state;
    const cursor = this.#db.cursor();
    try {
      for (let at = 0; at < entries.length; at += 3) {
        assert.ok(cursor.seek(entries[at][0]));
        assertEntry([cursor.key, cursor.value], entries[at]);
        assert.equal(cursor.next(), at + 1 < entries.length);
        if (at + 1 < entries.length) assertEntry([cursor.key, cursor.value], entries[at + 1]);
        cursor.seek(entries[at][0]);
        assert.equal(cursor.prev(), at > 0);
        if (at > 0) assertEntry([cursor.key, cursor.value], entries[at - 1]);
      }
    } finally {
      cursor.close();
    }
  }

  /** Damage in a file that is still part of the database is found, and nothing else. Returns whether there is none. */
  #verify(): boolean {
    const { problems, ok } = this.#db.verify();
    const blamed = new Set(problems.map(({ file }) => file));
    assert.equal(ok, problems.length === 0);
    for (const { file } of this.#scene.files
      .filter(({ kind }) => kind === 'table')
      .map(({ path }) => ({ file: path }))) {
      const bytes = this.#damage.contents.get(file);
      const isLive =
        this.#disk.status(file) !== undefined || (this.#damage.contents.has(file) && bytes === undefined);
      const isDamaged = this.#damage.contents.has(file) && !this.#isAsItWas(file);
      assert.equal(blamed.has(file), isLive && isDamaged, `verify of ${file}`);
      blamed.delete(file);
    }
    assert.deepEqual([...blamed], [], 'verify blames no file that is whole');
    return ok;
  }

  #isAsItWas(path: string): boolean {
    const file = this.#scene.files.find((candidate) => candidate.path === path);
    const bytes = this.#damage.contents.get(path);
    return file !== undefined && bytes !== undefined && Buffer.compare(file.bytes, bytes) === 0;
  }

  #assertValue(key: Uint8Array, value: Uint8Array | undefined): void {
    const expected = this.#values.get(hex(key));
    assert.equal(
      value === undefined ? undefined : hex(value),
      expected === undefined ? undefined : hex(expected),
    );
  }

  /** Whether an attempt was refused by a typed error; whatever else it throws is a finding. */
  #refuses(attempt: () => void): boolean {
    try {
      attempt();
      return false;
    } catch (error) {
      assertTyped(error, this.#damage);
      return true;
    }
  }
}

/** Whether the last record, which may be a seal, stands in a damaged log as it did: then it is a witness. */
function hasLastRecord(whole: Uint8Array, damaged: Uint8Array, states: readonly State[]): boolean {
  const [before, last] = states.slice(-2);
  const end = last.logBytes;
  const start = last.sealed ? end - RECORD_HEADER_BYTES : before.logBytes;
  if (damaged.length < end) return false;
  return Buffer.compare(whole.subarray(start, end), damaged.subarray(start, end)) === 0;
}

/** Every entry is right, up to where the walk is refused. */
function assertSame(found: Iterable<ModelEntry>, expected: readonly ModelEntry[]): void {
  let at = 0;
  for (const entry of found) {
    assert.ok(at < expected.length, 'there are no more entries than there were');
    assertEntry(entry, expected[at]);
    at += 1;
  }
  assert.equal(at, expected.length, 'there are no fewer entries than there were');
}

function assertEntry([key, value]: ModelEntry, expected: ModelEntry): void {
  if (Buffer.compare(key, expected[0]) === 0 && Buffer.compare(value, expected[1]) === 0) return;
  assert.fail(`${hex(key)}=${hex(value)} in place of ${hex(expected[0])}=${hex(expected[1])}`);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && !(error instanceof LsmError) && error.cause !== undefined
    ? causeOf(error.cause)
    : error;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
