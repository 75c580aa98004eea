/**
 * A file system for tests that checks, on every operation, the order of durable steps as far as it can be
 * seen from here (section and numbers as in docs/architecture.md):
 *
 *   R1  an edit names a table or log only when the file is synced, and its directory too
 *   R2  CURRENT moves only when its new content, and the manifest that it names, are synced
 *   R3  a write that asked for a sync is acknowledged only when its log is synced: see `acknowledged`
 *   R4  records in a log are synced only when all of the logs before it is synced
 *   R5  a log is removed only when the durable manifest no longer needs it
 *   R6  so is a manifest, and R7 a table
 *   R8  nothing is written to or synced in a file after that failed once
 *   R9  no file number is used twice while the database is open, nor one that is in the directory
 *
 * Directories are told apart: each may hold a database of its own. A link shares what is known of the file.
 *
 * R10, that no byte of a table is used before its checksum was looked at, can't be seen from here: that is
 * for test/sstable/every-read-is-checked.test.ts. A violation is thrown, and kept in `violations` since the engine may
 * well survive the error: a test ends by asserting that there are none.
 */
import type {
  DirectoryLock,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '../../src/fs/file-system.ts';
import { readWholeFile } from '../../src/fs/file-system.ts';
import { LOG_HEADER_BYTES, RECORD_DATA, RECORD_HEADER_BYTES } from '../../src/log/log-format.ts';
import { CURRENT_BYTES, decodeCurrent } from '../../src/version/current-file.ts';
import {
  manifestPath,
  type ParsedFileName,
  parseFileName,
  tablePath,
  walPath,
} from '../../src/version/file-names.ts';
import { decodeEdit } from '../../src/version/version-edit.ts';
import { DurableTree } from './durable-tree.ts';

/** What is known of one directory. */
interface Database {
  readonly usedNumbers: Set<number>;
  readonly tree: DurableTree;
}

export class OrderingFileSystem implements FileSystem {
  readonly shared: boolean = false;
  readonly violations: string[] = [];
  readonly #inner: FileSystem;
  /** Files created here, by path. */
  readonly #files = new Map<string, OrderedFile>();
  /** Paths created or renamed to, whose directory has not been synced since. */
  readonly #unsyncedNames = new Set<string>();
  readonly #databases = new Map<string, Database>();

  constructor(inner: FileSystem) {
    this.#inner = inner;
  }

  absolutePath(path: string): string {
    return this.#inner.absolutePath(path);
  }

  createFile(path: string): WritableFile {
    const name = parsed(path);
    const database = this.#database(directoryOf(path));
    if (name !== undefined && name.number > 0) this.#checkNewNumber(path, name.number);
    const file = new OrderedFile(this.#inner.createFile(path), {
      beforeAppend: (bytes, start, length) => this.#beforeAppend(file, name, bytes, start, length),
      beforeSync: () => this.#beforeSync(file, name),
      afterSync: () => {
        if (name?.kind === 'manifest') database.tree.sync(name.number);
      },
      violated: (rule) => this.#violated(rule),
    });
    if (name !== undefined && name.number > 0) database.usedNumbers.add(name.number);
    this.#files.set(path, file);
    this.#unsyncedNames.add(path);
    return file;
  }

  rename(from: string, to: string): void {
    const isCurrent = parsed(from)?.kind === 'current-temporary';
    const manifest = isCurrent ? this.#manifestNamedBy(from, to) : undefined;
    // Whether it worked or not, from here on both may be the live one.
    if (manifest !== undefined) this.#database(directoryOf(to)).tree.moveCurrent(manifest);
    this.#inner.rename(from, to);
    const file = this.#files.get(from);
    this.#files.delete(from);
    if (file !== undefined) this.#files.set(to, file);
    this.#unsyncedNames.delete(from);
    this.#unsyncedNames.add(to);
  }

  link(from: string, to: string): boolean {
    const linked = this.#inner.link(from, to);
    if (!linked) return false;
    const file = this.#files.get(from);
    if (file !== undefined) this.#files.set(to, file);
    this.#unsyncedNames.add(to);
    return true;
  }

  remove(path: string): void {
    const name = parsed(path);
    const { tree } = this.#database(directoryOf(path));
    if (name !== undefined && name.number > 0 && tree.needs(name.number)) {
      const rule = { wal: 'R5', manifest: 'R6', table: 'R7' }[name.kind as 'wal' | 'manifest' | 'table'];
      this.#violated(`${rule}: ${path} is removed although the durable manifest may need it`);
    }
    // To learn that CURRENT is not there settles whether a rename that failed has had an effect.
    if (name?.kind === 'current' && this.#inner.status(path) === undefined) tree.moveCurrent(undefined);
    this.#inner.remove(path);
    if (name?.kind === 'current') tree.moveCurrent(undefined);
    this.#files.delete(path);
    this.#unsyncedNames.delete(path);
  }

  syncDirectory(path: string): void {
    this.#inner.syncDirectory(path);
    this.#database(path).tree.syncDirectory();
    for (const name of this.#unsyncedNames) if (directoryOf(name) === path) this.#unsyncedNames.delete(name);
  }

  /** An opening of the database begins here. */
  lock(directory: string): DirectoryLock {
    const lock = this.#inner.lock(directory);
    const { usedNumbers, tree } = this.#database(directory);
    usedNumbers.clear();
    tree.load(this.#inner, directory);
    return lock;
  }

  /**
   * To be called when a write was acknowledged that asked for a sync, by whoever made it: only they know.
   * Everything in the logs that a recovery would read must be on the disk then.
   */
  acknowledged(directory: string): void {
    const { tree } = this.#database(directory);
    for (const { path, recordsEnd, syncedSize } of this.#files.values()) {
      const name = parsed(path);
      if (name?.kind !== 'wal' || directoryOf(path) !== directory || !tree.needs(name.number)) continue;
      if (syncedSize < recordsEnd) this.#violated(`R3: a write was acknowledged before ${path} was synced`);
    }
  }

  openFile(path: string): ReadableFile {
    return this.#inner.openFile(path);
  }

  status(path: string): FileStatus | undefined {
    return this.#inner.status(path);
  }

  list(directory: string): string[] {
    return this.#inner.list(directory);
  }

  makeDirectory(path: string): void {
    this.#inner.makeDirectory(path);
  }

  removeDirectory(path: string): void {
    this.#inner.removeDirectory(path);
  }

  #database(directory: string): Database {
    let database = this.#databases.get(directory);
    if (database === undefined) {
      database = { usedNumbers: new Set(), tree: new DurableTree() };
      this.#databases.set(directory, database);
    }
    return database;
  }

  #checkNewNumber(path: string, number: number): void {
    const directory = directoryOf(path);
    const used = this.#inner.list(directory).some((name) => parseFileName(name)?.number === number);
    if (used || this.#database(directory).usedNumbers.has(number))
      this.#violated(`R9: ${path} uses its number again`);
  }

  #beforeAppend(
    file: OrderedFile,
    name: ParsedFileName | undefined,
    bytes: Uint8Array,
    start: number,
    length: number,
  ): void {
    if (name?.kind !== 'manifest' || file.size === 0 || bytes[start] !== RECORD_DATA) return;
    // A record without a payload is the seal behind an edit.
    if (length === RECORD_HEADER_BYTES) return;
    const directory = directoryOf(file.path);
    const edit = decodeEdit(
      bytes,
      start + RECORD_HEADER_BYTES,
      length - RECORD_HEADER_BYTES,
      file.path,
      file.size,
    );
    for (const { table } of edit.added) this.#checkDurable('R1', tablePath(directory, table.fileNumber));
    for (const log of edit.addedLogs ?? []) this.#checkBegun('R1', walPath(directory, log));
    this.#database(directory).tree.append(name.number, edit);
  }

  #beforeSync(file: OrderedFile, name: ParsedFileName | undefined): void {
    if (name?.kind !== 'wal' || file.size <= LOG_HEADER_BYTES) return;
    const { tree } = this.#database(directoryOf(file.path));
    for (const other of this.#files.values()) {
      const older = parsed(other.path);
      if (older?.kind !== 'wal' || older.number >= name.number) continue;
      if (directoryOf(other.path) !== directoryOf(file.path)) continue;
      // Nobody will read a log that the manifest does not name: it was not finished, or is in tables by now.
      if (!tree.needs(older.number)) continue;
      if (other.syncedSize < other.size) {
        this.#violated(`R4: ${file.path} is synced although ${other.path} is not`);
      }
    }
  }

  #manifestNamedBy(temporary: string, current: string): number {
    this.#checkContent('R2', temporary);
    const content = readWholeFile(this.#inner, temporary, CURRENT_BYTES + 1);
    const { manifestNumber, manifestBytes } = decodeCurrent(content, temporary);
    const path = manifestPath(directoryOf(current), manifestNumber);
    this.#checkNamed('R2', path);
    const synced = this.#files.get(path)?.syncedSize ?? 0;
    if (synced < manifestBytes) this.#violated(`R2: ${current} speaks of more of ${path} than is synced`);
    return manifestNumber;
  }

  #checkDurable(rule: string, path: string): void {
    this.#checkNamed(rule, path);
    this.#checkContent(rule, path);
  }

  /** Of a log its header at least: what is in it later is synced when somebody asks for it. */
  #checkBegun(rule: string, path: string): void {
    this.#checkNamed(rule, path);
    const file = this.#files.get(path);
    if (file !== undefined && file.syncedSize < LOG_HEADER_BYTES) {
      this.#violated(`${rule}: ${path} is named before its header is synced`);
    }
  }

  #checkNamed(rule: string, path: string): void {
    if (this.#inner.status(path) === undefined) this.#violated(`${rule}: ${path} is named and not there`);
    if (this.#unsyncedNames.has(path))
      this.#violated(`${rule}: ${path} is named before its directory is synced`);
  }

  #checkContent(rule: string, path: string): void {
    // A file of an earlier opening is not known here; its edits were checked then.
    const file = this.#files.get(path);
    if (file !== undefined && file.syncedSize < file.size) {
      this.#violated(`${rule}: ${path} is named before it is synced`);
    }
  }

  #violated(rule: string): never {
    this.violations.push(rule);
    throw new Error(`order of durable steps: ${rule}`);
  }
}

interface Watcher {
  beforeAppend(bytes: Uint8Array, start: number, length: number): void;
  beforeSync(): void;
  afterSync(): void;
  violated(rule: string): never;
}

class OrderedFile implements WritableFile {
  readonly path: string;
  syncedSize = 0;
  /** End of the last append that was more than the seal behind a record. */
  recordsEnd = 0;
  readonly #inner: WritableFile;
  readonly #watcher: Watcher;
  #failed = false;

  constructor(inner: WritableFile, watcher: Watcher) {
    this.path = inner.path;
    this.#inner = inner;
    this.#watcher = watcher;
  }

  get size(): number {
    return this.#inner.size;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.#checkUsable('written to');
    this.#watcher.beforeAppend(bytes, start, length);
    this.#attempt(() => this.#inner.append(bytes, start, length));
    if (length > RECORD_HEADER_BYTES) this.recordsEnd = this.size;
  }

  sync(): void {
    this.#checkUsable('synced');
    this.#watcher.beforeSync();
    this.#attempt(() => this.#inner.sync());
    this.syncedSize = this.#inner.size;
    this.#watcher.afterSync();
  }

  async startSync(): Promise<void> {
    this.#checkUsable('synced');
    this.#watcher.beforeSync();
    const size = this.#inner.size;
    try {
      await this.#inner.startSync();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
    this.syncedSize = Math.max(this.syncedSize, size);
    this.#watcher.afterSync();
  }

  close(): void {
    this.#inner.close();
  }

  #checkUsable(use: string): void {
    if (this.#failed) this.#watcher.violated(`R8: ${this.path} is ${use} after it failed`);
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function parsed(path: string): ParsedFileName | undefined {
  return parseFileName(path.slice(path.lastIndexOf('/') + 1));
}
