/** Puts an open database together: lock, recovery, first manifest and log of the session, background. */

import { mappingFileSystem } from '#mapping-file-system';
import { NodeFileSystem } from '#node-file-system';
import { WorkerExecutor } from '#worker-executor';
import type { Executor } from '../background/executor.ts';
import { FileNumbers } from '../background/file-numbers.ts';
import { InlineExecutor } from '../background/inline-executor.ts';
import { BlockCache } from '../cache/block-cache.ts';
import type { JobEnvironment } from '../compaction/job.ts';
import { strategyByName } from '../compaction/strategy-by-name.ts';
import { LsmError } from '../errors.ts';
import type { DirectoryLock, FileSystem } from '../fs/file-system.ts';
import type { MemTable } from '../memtable/mem-table.ts';
import type { ResolvedOptions } from '../options.ts';
import { NativeLz4Encoder } from '../sstable/native-lz4.ts';
import { TableCache } from '../sstable/table-cache.ts';
import type { CachedBlock } from '../sstable/table-reader.ts';
import { manifestPath, tablePath, walPath } from '../version/file-names.ts';
import { refuseLevelDb } from '../version/leveldb-directory.ts';
import { Manifest } from '../version/manifest.ts';
import { VersionSet } from '../version/version-set.ts';
import type { WriteAheadLog } from '../wal/write-ahead-log.ts';
import { notADirectory } from './arguments.ts';
import { BackPressure } from './back-pressure.ts';
import { tellOfOpen } from './channels.ts';
import { CompactionPlanner } from './compaction-planner.ts';
import { Core } from './core.ts';
import { Installer } from './installer.ts';
import { beginLog } from './log-files.ts';
import { Maintenance } from './maintenance.ts';
import { ManifestKeeper } from './manifest-keeper.ts';
import { MemTablePool } from './memtable-pool.ts';
import { LoggedMemTable, ReadView } from './read-view.ts';
import {
  highestFileNumber,
  holdsDatabase,
  newDatabase,
  type Recovered,
  recover,
  removeFiles,
  removeOrphans,
  removeTables,
  removeUnfinished,
} from './recovery.ts';
import { Remover } from './remover.ts';
import { tryAll } from './try-all.ts';
import { WritePath } from './write-path.ts';

/** The parts of an open database. */
export interface OpenDatabase {
  readonly core: Core;
  readonly writePath: WritePath;
  readonly maintenance: Maintenance;
  readonly manifest: ManifestKeeper;
  readonly lock: DirectoryLock;
}

export function fileSystemFor(
  options: Pick<ResolvedOptions, 'fileSystem'> & Partial<Pick<ResolvedOptions, 'mmap'>>,
): FileSystem {
  const { fileSystem, mmap } = options;
  if (mmap && fileSystem !== undefined && fileSystem.mapsFiles !== true) {
    throw new LsmError('LSM_INVALID_ARGUMENT', 'option mmap needs a file system whose files can be mapped');
  }
  return fileSystem ?? (mmap ? mappingFileSystem() : new NodeFileSystem());
}

/** @throws LsmError as `MiniLsm.open` says. */
export function openDatabase(path: string, options: ResolvedOptions): OpenDatabase {
  const fs = fileSystemFor(options);
  // The process may change its directory while the database is open, and its worker has none of its own.
  const directory = fs.absolutePath(path);
  if (options.background === 'worker' && !fs.shared) {
    throw new LsmError(
      'LSM_INVALID_ARGUMENT',
      "background: 'worker' needs a file system that a thread can open too; use background: 'inline'",
    );
  }
  // Refused here rather than by the first job that needs it.
  if (options.nativeLz4) new NativeLz4Encoder();
  prepareDirectory(fs, directory, options);
  const lock = fs.lock(directory);
  try {
    return assemble(fs, directory, options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function prepareDirectory(fs: FileSystem, directory: string, options: ResolvedOptions): void {
  const status = fs.status(directory);
  if (status === undefined) {
    if (!options.createIfMissing) throw missing(directory);
    fs.makeDirectory(directory);
  } else if (status.kind !== 'directory') {
    throw notADirectory(directory);
  } else {
    refuseLevelDb(fs, directory);
    if (!options.createIfMissing && !holdsDatabase(fs, directory)) throw missing(directory);
  }
}

function assemble(
  fs: FileSystem,
  directory: string,
  options: ResolvedOptions,
  lock: DirectoryLock,
): OpenDatabase {
  const fileNumbers = new FileNumbers();
  const recovered = recoverState(fs, directory, options, fileNumbers);
  const { databaseId, lastSequence } = recovered;

  // Memory first: without it nothing of the old state may be touched, and no file is left open.
  const pool = new MemTablePool(options.memtableBytes, options.maxFrozenMemtables + 1);
  let memtable: MemTable;
  try {
    memtable = pool.take(0);
  } catch (error) {
    removeTables(fs, directory, recovered.flushed);
    throw error;
  }
  const { log, manifest } = beginFiles(fs, directory, options, recovered, fileNumbers);
  let orphans: string[];
  try {
    manifest.install(recovered.version, [log.number]);
    orphans = removeOrphans(fs, directory, recovered, log.number, manifest.number);
  } catch (error) {
    closeQuietly(manifest, log);
    throw error;
  }

  const blocks = new BlockCache<CachedBlock>(options.cacheBytes);
  const tables = new TableCache(
    fs,
    (fileNumber) => tablePath(directory, fileNumber),
    databaseId,
    blocks,
    options.maxOpenFiles,
    options.blockBytes,
    options.mmap,
  );
  const active = new LoggedMemTable(memtable, log.number, (table) => pool.give(table));
  const versions = new VersionSet(recovered.version, (fileNumber) => installer.removeTable(fileNumber));
  const view = new ReadView([active], recovered.version);
  const recovery = { ...recovered.report, orphansRemoved: orphans.length, orphans };
  const parts = { fs, directory, options, databaseId, fileNumbers, blocks, tables, recovery };
  const core = new Core(parts, view, lastSequence);
  const executor = createExecutor(core, () => maintenance.pump());
  const strategy = strategyByName(options.compaction);
  const planner = new CompactionPlanner(core, versions, strategy, executor.runsAside);
  const remover = new Remover(fs, executor);
  const installer: Installer = new Installer(core, versions, manifest, remover);
  const maintenance: Maintenance = new Maintenance(
    core,
    executor,
    versions,
    manifest,
    installer,
    remover,
    pool,
    planner,
  );
  const pressure = new BackPressure(core, maintenance);
  const writePath = new WritePath(core, maintenance, pressure, log);
  maintenance.pump();
  tellOfOpen(directory, recovery);
  return { core, writePath, maintenance, manifest, lock };
}

/**
 * The log and the manifest of this session, with what the manifest will name on the disk. Both are made before either is
 * synced, and the directory is synced once: a file system that journals brings them to the disk in fewer steps.
 */
function beginFiles(
  fs: FileSystem,
  directory: string,
  { manifestBytes }: ResolvedOptions,
  { databaseId, lastSequence, nextEpoch, flushed }: Recovered,
  fileNumbers: FileNumbers,
): { readonly log: WriteAheadLog; readonly manifest: ManifestKeeper } {
  const allocate = (): number => fileNumbers.allocate();
  const logNumber = allocate();
  let log: WriteAheadLog | undefined;
  let manifest: ManifestKeeper | undefined;
  try {
    log = beginLog(fs, directory, databaseId, logNumber);
    const state = { lastSequence, nextEpoch };
    manifest = new ManifestKeeper(fs, directory, databaseId, allocate, manifestBytes, state);
    log.syncHeader();
    fs.syncDirectory(directory);
    return { log, manifest };
  } catch (error) {
    closeQuietly(manifest, log);
    // Nothing names them yet.
    removeFiles(fs, [
      ...flushed.map((fileNumber) => tablePath(directory, fileNumber)),
      walPath(directory, logNumber),
      manifestPath(directory, fileNumbers.next - 1),
    ]);
    throw error;
  }
}

/** For errors that say more than what closing says. */
function closeQuietly(...files: readonly ({ close(): void } | undefined)[]): void {
  try {
    tryAll(...files.map((file) => () => file?.close()));
  } catch {
    // see above
  }
}

function recoverState(
  fs: FileSystem,
  directory: string,
  options: ResolvedOptions,
  fileNumbers: FileNumbers,
): Recovered {
  if (!holdsDatabase(fs, directory)) {
    removeUnfinished(fs, directory);
    fileNumbers.raise(1);
    return newDatabase(options.levelCount);
  }
  if (options.errorIfExists) {
    throw new LsmError(
      'LSM_EXISTS',
      `a database exists in ${directory} already; open it without errorIfExists, or choose another directory`,
      { file: directory },
    );
  }
  const contents = Manifest.recover(fs, directory, options.levelCount);
  fileNumbers.raise(Math.max(contents.nextFileNumber, highestFileNumber(fs, directory) + 1));
  const environment = jobEnvironment(fs, directory, contents.databaseId, options, fileNumbers);
  return recover(environment, contents, options);
}

export function jobEnvironment(
  fs: FileSystem,
  directory: string,
  databaseId: Uint8Array,
  options: ResolvedOptions,
  fileNumbers: FileNumbers,
): JobEnvironment {
  const { blockBytes, bloomBitsPerKey, compression, nativeLz4 } = options;
  return {
    fs,
    directory,
    databaseId,
    table: { blockBytes, bloomBitsPerKey, compression, nativeLz4 },
    allocateFileNumber: () => fileNumbers.allocate(),
    checkpoint: () => {},
  };
}

function createExecutor(core: Core, onAnswer: () => void): Executor {
  const { fs, directory, databaseId, options, fileNumbers } = core;
  const environment = jobEnvironment(fs, directory, databaseId, options, fileNumbers);
  const background = options.background ?? (fs.shared ? 'worker' : 'inline');
  if (background === 'inline') return new InlineExecutor(environment);
  return new WorkerExecutor({ directory, databaseId, table: environment.table }, fileNumbers, onAnswer);
}

function missing(directory: string): LsmError {
  return new LsmError(
    'LSM_NOT_FOUND',
    `a database does not exist in ${directory}; check the path, or open it with createIfMissing: true`,
    { file: directory },
  );
}
