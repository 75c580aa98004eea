/**
 * Small databases with everything in them that can be damaged: CURRENT, a manifest with edits, write-ahead
 * logs, tables in several levels, blocks with and without compression. The same in every process, to the
 * byte, so that a seed names a damage for good.
 */
import { DATABASE_ID_BYTES } from '../../../src/bytes/checksum.ts';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import type { Options } from '../../../src/options.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import { Manifest, snapshotOf } from '../../../src/version/manifest.ts';
import { Version } from '../../../src/version/version.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import { FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { filesIn, namesOfKind, readBytes } from '../../support/edit-file.ts';
import { Model, type ModelEntry } from '../../support/model.ts';
import { DATABASE } from '../../support/small-database.ts';

/** Everything as small as it can be. */
const SMALL: Options = {
  compression: 'none',
  memtableBytes: 1024,
  maxFrozenMemtables: 3,
  tableBytes: 1024,
  cacheBytes: 4096,
  maxOpenFiles: 4,
  levelCount: 4,
  l0CompactionFiles: 3,
  l0SlowdownFiles: 1000,
  l0StopFiles: 1000,
  baseLevelBytes: 1024,
  levelRatio: 2,
  background: 'inline',
};

export type FileKind = 'current' | 'manifest' | 'wal' | 'table';

export interface SceneFile {
  readonly name: string;
  readonly path: string;
  readonly kind: FileKind;
  readonly bytes: Uint8Array;
}

/** What a database answered after a commit. */
export interface State {
  /** The last sequence number. */
  readonly sequence: number;
  readonly entries: readonly ModelEntry[];
  /** The path of the log that was being written, and its length then, bytes. */
  readonly log: string;
  readonly logBytes: number;
  /** Whether the commit was synced, so that a seal stands behind it. */
  readonly sealed: boolean;
}

export interface Scene {
  readonly name: string;
  readonly directory: string;
  readonly options: Options;
  /** The disk as the database was left on it; to be cloned. */
  readonly disk: MemoryFileSystem;
  /** By their names. */
  readonly files: readonly SceneFile[];
  /** One for each commit, the last state last. */
  readonly states: readonly State[];
  /** Every key that was ever written, and some that never were. */
  readonly keys: readonly Uint8Array[];
  /** Every version of every key that was ever written. */
  readonly versions: ReadonlySet<string>;
  /** The log that was being written; undefined for a copy made by `checkpoint`. */
  readonly lastLog: SceneFile | undefined;
  /** Whether that log is complete, as a close leaves it. */
  readonly closed: boolean;
  /** Sequence number of the last commit that was synced when the database was left. */
  readonly syncedSequence: number;
  /** Files as they were at some moment before: each a set that belongs together. */
  readonly older: readonly (readonly SceneFile[])[];
  /** The files of the same names of another database. */
  readonly foreign: ReadonlyMap<string, Uint8Array>;
}

interface Recipe {
  readonly name: string;
  /** By a process that died, after commits that were not synced or one that was; or by a close; or a copy. */
  readonly leave: 'killed' | 'synced' | 'closed' | 'checkpoint';
  /** How many write-ahead logs there are at the end. */
  readonly logs: number;
  readonly keys: number;
  readonly options: Options;
}

const RECIPES: readonly Recipe[] = [
  { name: 'killed', leave: 'killed', logs: 3, keys: 22, options: { ...SMALL, blockBytes: 128 } },
  { name: 'packed', leave: 'killed', logs: 2, keys: 14, options: { ...SMALL, compression: 'lz4' } },
  { name: 'closed', leave: 'closed', logs: 1, keys: 5, options: { ...SMALL, bloomBitsPerKey: 0 } },
  { name: 'synced', leave: 'synced', logs: 1, keys: 3, options: { ...SMALL, blockBytes: 96 } },
  { name: 'checkpoint', leave: 'checkpoint', logs: 0, keys: 8, options: { ...SMALL, compression: 'lz4' } },
];

let made: readonly Scene[] | undefined;

/** All scenes, made once in a process. */
export function scenes(): readonly Scene[] {
  made ??= RECIPES.map(makeScene);
  return made;
}

/** How a version of a key is called in {@link Scene.versions}. */
export function versionName(key: Uint8Array, value: Uint8Array): string {
  return `${Buffer.from(key).toString('hex')}=${Buffer.from(value).toString('hex')}`;
}

function makeScene(recipe: Recipe): Scene {
  const writer = new SceneWriter(recipe, 0xa1);
  writer.run();
  const foreign = new SceneWriter(recipe, 0xb2);
  foreign.run();
  const { directory } = writer;
  const disk = writer.disk.crashClone();
  const files = sceneFiles(disk, directory);
  return {
    name: recipe.name,
    directory,
    options: recipe.options,
    disk,
    files,
    states: writer.states,
    keys: writer.keys,
    versions: writer.versions,
    lastLog: files.filter(({ kind }) => kind === 'wal').at(-1),
    closed: recipe.leave === 'closed',
    syncedSequence: writer.syncedSequence,
    older: writer.older.filter((set) => set.some((file) => isAnother(file, files))),
    foreign: filesIn(foreign.disk, directory),
  };
}

function isAnother(file: SceneFile, files: readonly SceneFile[]): boolean {
  const now = files.find(({ name }) => name === file.name);
  return now === undefined || Buffer.compare(now.bytes, file.bytes) !== 0;
}

function sceneFiles(disk: MemoryFileSystem, directory: string): SceneFile[] {
  return Array.from(filesIn(disk, directory), ([name, bytes]) => {
    const kind = parseFileName(name)?.kind;
    if (kind === undefined || kind === 'lock' || kind === 'current-temporary') {
      throw new Error(`${name} has no place in a scene`);
    }
    return { name, path: joinPath(directory, name), kind, bytes };
  });
}

class SceneWriter {
  readonly disk = new MemoryFileSystem();
  readonly states: State[] = [];
  readonly keys: Uint8Array[] = [];
  readonly versions = new Set<string>();
  readonly older: SceneFile[][] = [];
  syncedSequence = 0;
  directory: string = DATABASE;
  readonly #recipe: Recipe;
  readonly #model = new Model();
  #full = false;
  #db: MiniLsm;

  constructor(recipe: Recipe, id: number) {
    this.#recipe = recipe;
    createWithId(this.disk, new Uint8Array(DATABASE_ID_BYTES).fill(id), recipe.options.levelCount ?? 7);
    this.#db = this.#open();
    for (let i = 0; i < recipe.keys; i++) this.keys.push(keyOf(i));
    for (const absent of ['', 'key', 'key 00 and more', 'z']) this.keys.push(Buffer.from(absent));
  }

  run(): void {
    const { keys, leave, logs } = this.#recipe;
    this.#remember();
    for (let round = 0; round < 5; round++) {
      for (let i = round % 3; i < keys; i += 1 + (round % 2)) {
        this.#write([[i, (i + round) % 5 === 3 ? undefined : textOf(i, round)]], false);
      }
      if (round === 2) {
        this.#db.close();
        this.#remember();
        this.#db = this.#open();
      }
    }
    this.#remember();
    if (leave === 'checkpoint') {
      this.directory = '/copy';
      this.#db.checkpoint(this.directory);
      return;
    }
    // Memtables that find no room on the disk keep their logs.
    this.#full = true;
    for (let i = 0; namesOfKind(this.disk, DATABASE, 'wal').length < logs; i++) {
      this.#write([[i % keys, textOf(i, 7)]], i % 4 === 0);
    }
    this.#remember();
    for (let i = 0; i < 5; i++) {
      this.#write(
        [
          [i % keys, textOf(i, 8)],
          [(i + 7) % keys, i % 2 === 0 ? undefined : textOf(i, 9)],
        ],
        i === 1 || i === (leave === 'synced' ? 4 : 3),
      );
    }
    if (leave === 'closed') this.#db.close();
  }

  #open(): MiniLsm {
    const fileSystem = new FaultyFileSystem(this.disk, ({ kind, path }) => {
      if (this.#full && kind === 'create' && path.endsWith('.sst'))
        throw new LsmError('LSM_NO_SPACE', 'full');
    });
    return MiniLsm.open(DATABASE, { ...this.#recipe.options, fileSystem });
  }

  #write(writes: readonly (readonly [key: number, value: string | undefined])[], sync: boolean): void {
    const batch = new WriteBatch();
    for (const [index, text] of writes) {
      const key = keyOf(index);
      if (text === undefined) {
        batch.delete(key);
        this.#model.delete(key);
      } else {
        const value = Buffer.from(text);
        batch.put(key, value);
        this.#model.put(key, value);
        this.versions.add(versionName(key, value));
      }
    }
    this.#db.write(batch, { sync });
    const { sequence } = this.#db.stats();
    const log = joinPath(DATABASE, namesOfKind(this.disk, DATABASE, 'wal').at(-1) ?? '');
    const logBytes = readBytes(this.disk, log).length;
    this.states.push({ sequence, entries: this.#model.entries(), log, logBytes, sealed: sync });
    if (sync) this.syncedSequence = sequence;
  }

  /** What names files, as it is now. */
  #remember(): void {
    const files = sceneFiles(this.disk, DATABASE).filter(({ kind }) => kind !== 'table' && kind !== 'wal');
    this.older.push(files);
    for (const file of files) this.older.push([file]);
  }
}

/** An empty database with an id that is known beforehand; one that the engine makes has a random one. */
function createWithId(fs: MemoryFileSystem, databaseId: Uint8Array, levelCount: number): void {
  fs.makeDirectory(DATABASE);
  const state = { lastSequence: 0, nextEpoch: 1, nextFileNumber: 2 };
  Manifest.create(fs, DATABASE, databaseId, 1, snapshotOf(Version.empty(levelCount), state)).close();
}

function keyOf(index: number): Uint8Array {
  return Buffer.from(`key ${String(index).padStart(2, '0')}`);
}

function textOf(index: number, round: number): string {
  return `${round}.${index} `.repeat(1 + ((index * 5 + round) % 7));
}
