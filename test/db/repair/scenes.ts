/** A database with several levels, tombstones, overwritten keys and writes that are in a log alone. */
import assert from 'node:assert/strict';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { RepairReport } from '../../../src/db/repair/report.ts';
import { type FileSystem, joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import type { Options } from '../../../src/options.ts';
import { tableFileName } from '../../../src/version/file-names.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import { filesIn, readBytes, replaceFile } from '../../support/edit-file.ts';
import { describeEntries, Model, nameOf, toText } from '../../support/model.ts';
import { DATABASE, TINY } from '../../support/small-database.ts';

export const LOST: string = `${DATABASE}/lost`;

/** Compactions run as they like, in the call that causes them; a memtable takes a few batches. */
export const OPTIONS: Options = TINY;

export interface Scene {
  /** The directory as it was left. */
  readonly fs: MemoryFileSystem;
  readonly model: Model;
  /** What the database held before each batch of the live log, and at the end. */
  readonly states: readonly Model[];
  /** The batches of the live log, each of them a change of its own. */
  readonly batches: readonly Writes[];
  /** Every version of every key that was ever written, described as `describeEntries` does. */
  readonly ever: ReadonlySet<string>;
  /** The table in which the newest version of a key lies, by the name of the key; none for one in a log. */
  readonly homes: ReadonlyMap<string, string>;
}

type Writes = readonly (readonly [key: string, value: string | undefined])[];

const keyOf = (i: number): string => `key ${String(i).padStart(3, '0')}`;

function apply(model: Model, writes: Writes): void {
  for (const [key, value] of writes) {
    if (value === undefined) model.delete(key);
    else model.put(key, Buffer.from(value));
  }
}

function commit(db: MiniLsm, writes: Writes, sync: boolean): void {
  const batch = new WriteBatch();
  for (const [key, value] of writes) {
    if (value === undefined) batch.delete(key);
    else batch.put(key, value);
  }
  db.write(batch, { sync });
}

/** Writes a scene; `sync` says whether every other batch of the log is synced. */
export function scene(leave: 'killed' | 'closed', sync = true): Scene {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...OPTIONS, fileSystem: fs });
  const model = new Model();
  const ever = new Set<string>();
  const write = (writes: Writes, synced: boolean): void => {
    commit(db, writes, synced);
    apply(model, writes);
    for (const [key, value] of writes) {
      if (value === undefined) continue;
      ever.add(`${toText(Buffer.from(key))} = ${toText(Buffer.from(value))}`);
    }
  };
  for (let round = 0; round < 6; round++) {
    for (let i = round % 3; i < 60; i += 1 + (round % 4)) {
      const value = (i + round) % 7 === 3 ? undefined : `${round}:${i}`.padEnd(20 + ((i * 7) % 50), '.');
      write([[keyOf(i), value]], false);
    }
  }
  db.flush();
  for (let i = 5; i < 25; i++) {
    const value = i % 3 === 0 ? undefined : `late ${i}`;
    write([[keyOf(i), value]], false);
  }
  db.flush();
  const homes = homesOf(db);
  const batches: Writes[] = [];
  const states = [model.clone()];
  for (let i = 0; i < 8; i++) {
    const writes: Writes = [
      [`log ${i}`, `written ${i}`],
      [keyOf(i * 5), i % 2 === 0 ? undefined : `again ${i}`],
      [keyOf(i * 5 + 1), 'x'.repeat(i)],
    ];
    write(writes, sync && i % 2 === 1);
    batches.push(writes);
    states.push(model.clone());
  }
  for (const writes of batches) for (const [key] of writes) homes.delete(nameOf(key));
  const levels = internals(db).core.view.version.levels.filter((tables) => tables.length > 0);
  assert.ok(levels.length >= 3, 'there are several levels');
  if (leave === 'closed') db.close();
  return { fs: fs.crashClone(), model, states, batches, ever, homes };
}

/** The state with one batch of the log left out. */
export function withoutBatch({ states, batches }: Scene, missing: number): Model {
  const model = states[0].clone();
  for (const [at, writes] of batches.entries()) if (at !== missing) apply(model, writes);
  return model;
}

function homesOf(db: MiniLsm): Map<string, string> {
  const { tables, view } = internals(db).core;
  const newest = new Map<string, number>();
  const homes = new Map<string, string>();
  for (const { fileNumber, fileBytes } of view.version.levels.flat()) {
    const cursor = tables.table(fileNumber, fileBytes).cursor();
    for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
      const name = nameOf(cursor.key.slice(cursor.keyStart, cursor.keyStart + cursor.keyLength));
      if ((newest.get(name) ?? -1) > cursor.sequence) continue;
      newest.set(name, cursor.sequence);
      homes.set(name, tableFileName(fileNumber));
    }
    cursor.close();
  }
  return homes;
}

export function repair(fileSystem: FileSystem): RepairReport {
  return MiniLsm.repair(DATABASE, { ...OPTIONS, fileSystem });
}

/** Opens and verifies a database, and says what it holds; nothing is in a log. */
export function wholeContents(fileSystem: FileSystem): string[] {
  const db = MiniLsm.open(DATABASE, { ...OPTIONS, fileSystem, createIfMissing: false });
  try {
    assert.equal(db.recovery.entriesReplayed, 0);
    assert.equal(db.recovery.bytesDiscarded, 0);
    assert.deepEqual(db.verify().problems, []);
    const found = describeEntries(db.scan());
    assert.deepEqual(describeEntries(db.scan({ reverse: true })).reverse(), found);
    for (const [key] of db.scan()) assert.ok(db.has(key));
    return found;
  } finally {
    db.close();
  }
}

export function contentsOf(model: Model): string[] {
  return describeEntries(model.entries());
}

export function flip(fs: FileSystem, name: string, offset: number): void {
  const path = joinPath(DATABASE, name);
  const bytes = readBytes(fs, path).slice();
  bytes[offset] ^= 1 << ((offset * 5) % 8);
  replaceFile(fs, path, bytes);
}

/** Offsets all over a file of so many bytes: the first and last ones, and some between. */
export function placesIn(bytes: number): number[] {
  const places = new Set<number>();
  for (let at = 0; at < Math.min(bytes, 70); at += 23) places.add(at);
  for (let at = 0; at < bytes; at += Math.max(1, Math.floor(bytes / 8))) places.add(at);
  for (let back = 1; back <= Math.min(bytes, 240); back += 37) places.add(bytes - back);
  return [...places].sort((a, b) => a - b);
}

/** Every file in the directory and in `lost/`, with what it holds. */
export function everyFile(fs: FileSystem): Map<string, string> {
  const all = new Map<string, string>();
  const add = (directory: string): void => {
    for (const name of fs.list(directory)) {
      const path = joinPath(directory, name);
      if (fs.status(path)?.kind === 'file') all.set(path, hex(readBytes(fs, path)));
    }
  };
  add(DATABASE);
  if (fs.status(LOST) !== undefined) add(LOST);
  return all;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What is in `lost/`, with its content. */
export function lostFiles(fs: FileSystem): Map<string, string> {
  if (fs.status(LOST) === undefined) return new Map();
  return new Map(Array.from(filesIn(fs, LOST), ([name, bytes]) => [name, hex(bytes)]));
}
