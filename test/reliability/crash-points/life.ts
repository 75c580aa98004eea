/**
 * The life of a database on a simulated disk: what is asked of it, and what it has acknowledged. Before every
 * operation on the disk somebody may look at what a crash would leave now.
 */
import assert from 'node:assert/strict';
import { GroupCommit } from '../../../src/db/group-commit.ts';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import type { FileSystem, WritableFile } from '../../../src/fs/file-system.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import type { Options } from '../../../src/options.ts';
import { CURRENT_BYTES } from '../../../src/version/current-file.ts';
import { CURRENT_FILE_NAME } from '../../../src/version/file-names.ts';
import { type DirectoryImage, FileImage } from '../../simulation/disk-image.ts';
import { OrderingFileSystem } from '../../simulation/ordering-file-system.ts';
import { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import { DATABASE } from '../../support/small-database.ts';
import { commit, fillBatch, type Write } from '../../support/writes.ts';
import { History, identify } from './history.ts';

/** Small enough that a few writes cause flushes, merges and new manifests. */
export const TINY: Options = {
  compression: 'none',
  background: 'inline',
  memtableBytes: 1024,
  blockBytes: 256,
  cacheBytes: 0,
  tableBytes: 1024,
  baseLevelBytes: 1024,
  levelRatio: 2,
  levelCount: 4,
  l0CompactionFiles: 2,
  manifestBytes: 1024,
  maxFrozenMemtables: 6,
  maxOpenFiles: 4,
};

/** A simulated disk that may have no room for tables, so that memtables and their logs pile up. */
class Disk extends SimulatedFileSystem {
  hasRoomForTables = true;

  override createFile(path: string): WritableFile {
    if (!this.hasRoomForTables && path.endsWith('.sst')) {
      throw new LsmError('LSM_NO_SPACE', `no room for ${path}`, { file: path });
    }
    return super.createFile(path);
  }
}

/** A copy of the database, and what must be in it if it is one. */
export interface Copy {
  readonly path: string;
  readonly contents: string;
  isDone: boolean;
}

export interface LifeSettings {
  readonly image?: DirectoryImage;
  readonly history?: History;
  /** Stands between the database and its disk; a faulty one is what a detector is tested with. */
  readonly layer?: (disk: FileSystem) => FileSystem;
  readonly seed?: number;
}

export class Life {
  readonly disk: Disk;
  readonly history: History;
  /** What was done, for messages. */
  readonly done: string[] = [];
  readonly copies: Copy[] = [];
  /** Whether CURRENT is damaged: until a repair has ended nothing can be opened without one. */
  needsRepair = false;
  /** Keys of images of files that must be somewhere in the directory. */
  readonly kept: string[] = [];
  readonly #fs: OrderingFileSystem;
  #db: MiniLsm | undefined;
  #groups: GroupCommit | undefined;
  #writes = 0;

  constructor({ image, history = new History(), layer = (disk) => disk, seed = 0 }: LifeSettings) {
    this.disk = new Disk(image, seed);
    this.history = history;
    this.#fs = new OrderingFileSystem(layer(this.disk));
  }

  get db(): MiniLsm {
    assert.ok(this.#db !== undefined, 'the database is open');
    return this.#db;
  }

  get violations(): readonly string[] {
    return this.#fs.violations;
  }

  open(): void {
    this.done.push('open');
    this.#db = MiniLsm.open(DATABASE, { ...TINY, fileSystem: this.#fs });
    this.#groups = new GroupCommit(internals(this.#db).writePath);
  }

  /** A value that no other write has. */
  value(bytes: number): string {
    this.#writes += 1;
    return `${this.#writes} `.padEnd(bytes, '.');
  }

  put(key: string, bytes: number, sync = false): void {
    this.write([[key, this.value(bytes)]], sync);
  }

  delete(key: string, sync = false): void {
    this.write([[key, undefined]], sync);
  }

  /** One commit: by `put` or `delete`, or as a batch. */
  write(writes: readonly Write[], sync = false): void {
    this.done.push(`${sync ? 'write and sync' : 'write'} ${describe(writes)}`);
    const number = this.history.begin(writes);
    commit(this.db, writes, sync);
    this.history.acknowledge(number, sync);
  }

  /**
   * Asynchronous writes, all begun in one turn; resolves when all are acknowledged. `meanwhile` runs while the
   * last sync is under way; there must be room for all writes then, since they would come after those meanwhile.
   */
  async group(
    commits: readonly { writes: readonly Write[]; sync: boolean }[],
    meanwhile?: () => void,
  ): Promise<void> {
    const groups = this.#groups;
    assert.ok(groups !== undefined);
    this.disk.holdsSyncs = true;
    let waiting = commits.length;
    const all = commits.map(async ({ writes, sync }) => {
      this.done.push(`asynchronously, ${sync ? 'write and sync' : 'write'} ${describe(writes)}`);
      const number = this.history.begin(writes);
      await groups.write((batch) => fillBatch(batch, writes), sync);
      this.history.acknowledge(number, sync);
      waiting -= 1;
    });
    await turn();
    meanwhile?.();
    while (waiting > 0) {
      await turn();
      this.disk.finishSyncs();
    }
    await Promise.all(all);
    this.disk.holdsSyncs = false;
  }

  sync(): void {
    this.#whenDurable('sync', () => this.db.sync());
  }

  flush(): void {
    this.#whenDurable('flush', () => this.db.flush());
  }

  compact(): void {
    this.#whenDurable('compact', () => this.db.compact());
  }

  close(): void {
    this.#whenDurable('close', () => this.db.close());
  }

  reopen(): void {
    this.close();
    this.open();
  }

  checkpoint(path: string): void {
    this.done.push(`checkpoint ${path}`);
    const copy: Copy = { path, contents: this.history.text, isDone: false };
    this.copies.push(copy);
    this.db.checkpoint(path);
    copy.isDone = true;
    this.history.acknowledge(this.history.acknowledged, true);
  }

  /** Of the closed database. */
  repair(): void {
    this.done.push('repair');
    MiniLsm.repair(DATABASE, { ...TINY, fileSystem: this.#fs });
    this.needsRepair = false;
  }

  /** Puts nonsense in the place of CURRENT of the closed database, which a repair must not throw away. */
  spoilCurrent(): void {
    this.done.push('spoil CURRENT');
    this.needsRepair = true;
    const path = joinPath(DATABASE, CURRENT_FILE_NAME);
    const nonsense = new Uint8Array(CURRENT_BYTES).fill(7);
    this.disk.remove(path);
    const file = this.disk.createFile(path);
    file.append(nonsense);
    file.sync();
    file.close();
    this.disk.syncDirectory(DATABASE);
    this.kept.push(new FileImage(nonsense).key);
  }

  /** From here on, flushes fail for want of room, or can be done again. */
  giveRoomForTables(hasRoom: boolean): void {
    this.done.push(hasRoom ? 'there is room' : 'there is no room');
    this.disk.hasRoomForTables = hasRoom;
  }

  /** What is acknowledged before the work is begun is durable when it is done. */
  #whenDurable(name: string, work: () => void): void {
    this.done.push(name);
    const { acknowledged } = this.history;
    work();
    this.history.acknowledge(acknowledged, true);
  }
}

/** What a database holds, as the history puts it. */
export function contentsOf(db: MiniLsm): Map<string, string> {
  const contents = new Map<string, string>();
  for (const [key, value] of db.scan()) contents.set(Buffer.from(key).toString(), identify(value));
  return contents;
}

function describe(writes: readonly Write[]): string {
  return writes.map(([key, value]) => (value === undefined ? `-${key}` : `${key}:${value.length}`)).join(' ');
}

/** Lets everything run that does not wait for the disk. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
