/**
 * The open tables of a database, by file number, with a bound on how many file handles they hold. A Table
 * outlives its handle: the handle is closed when others need it and opened again by the next read that the
 * block cache cannot answer.
 */
import type { BlockCache } from '../cache/block-cache.ts';
import { LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { Block } from './block.ts';
import { BlockFrames, DEFAULT_FRAMED_BYTES } from './block-frames.ts';
import { BlockMemory } from './block-memory.ts';
import { OpenFiles, type PooledFile } from './open-files.ts';
import { Table } from './table.ts';
import { LARGEST_MAPPED_BYTES, TableMapping } from './table-mapping.ts';
import type { CachedBlock } from './table-reader.ts';

interface CachedTable {
  readonly table: Table;
  readonly file: PooledFile;
  readonly mapping: TableMapping | undefined;
}

export class TableCache {
  readonly #pathOf: (fileNumber: number) => string;
  readonly #databaseId: Uint8Array;
  readonly #blocks: BlockCache<CachedBlock>;
  readonly #memory: BlockMemory = new BlockMemory();
  readonly #frames: BlockFrames;
  readonly #files: OpenFiles;
  /** Whether files are mapped where that can be had. */
  readonly #mapsFiles: boolean;
  readonly #tables: Map<number, CachedTable> = new Map();
  #closed = false;

  constructor(
    fs: FileSystem,
    pathOf: (fileNumber: number) => string,
    databaseId: Uint8Array,
    blocks: BlockCache<CachedBlock>,
    maxOpenFiles: number,
    blockBytes: number = DEFAULT_FRAMED_BYTES,
    mapsFiles: boolean = false,
  ) {
    this.#mapsFiles = mapsFiles;
    this.#pathOf = pathOf;
    this.#databaseId = databaseId;
    this.#blocks = blocks;
    this.#frames = new BlockFrames(blockBytes, blocks.capacityBytes);
    blocks.attach({
      removed: (block) => {
        if (block instanceof Block) block.drop();
      },
      takeUse: (block) =>
        block instanceof Block && block.home === this.#frames && this.#frames.takeUse(block),
    });
    this.#files = new OpenFiles(fs, maxOpenFiles);
  }

  /** How many file handles are open. */
  get openCount(): number {
    return this.#files.openCount;
  }

  /**
   * The table of that number, which is a file of `fileBytes` bytes.
   * @throws LsmError `LSM_CORRUPTION`, also for a file of another size; `LSM_NOT_FOUND`;
   *   `LSM_UNSUPPORTED_FORMAT`; `LSM_CLOSED`
   */
  table(fileNumber: number, fileBytes: number): Table {
    const cached = this.#tables.get(fileNumber);
    if (cached !== undefined) return cached.table;
    if (this.#closed) throw new LsmError('LSM_CLOSED', 'the tables of this database were closed');
    const file = this.#files.file(this.#pathOf(fileNumber), fileBytes);
    let mapping: TableMapping | undefined;
    try {
      mapping = this.#map(file);
      const table = new Table(
        file,
        { databaseId: this.#databaseId, fileNumber },
        this.#blocks,
        this.#memory,
        this.#frames,
        mapping,
      );
      this.#tables.set(fileNumber, { table, file, mapping });
      return table;
    } catch (error) {
      mapping?.giveUp();
      file.close();
      throw error;
    }
  }

  /** Forgets a table that no Version names any more, its blocks included; the file can be removed then. */
  evict(fileNumber: number): void {
    const cached = this.#tables.get(fileNumber);
    this.#tables.delete(fileNumber);
    this.#blocks.evictFile(fileNumber);
    cached?.file.close();
    cached?.mapping?.giveUp();
  }

  /** Closes every handle, and ends every mapping that no cursor reads. */
  close(): void {
    this.#closed = true;
    this.#files.closeAll();
    for (const { mapping } of this.#tables.values()) mapping?.giveUp();
    this.#tables.clear();
  }

  #map(file: PooledFile): TableMapping | undefined {
    if (!this.#mapsFiles || file.size > LARGEST_MAPPED_BYTES) return undefined;
    const mapping = file.map();
    return mapping === undefined ? undefined : new TableMapping(mapping);
  }
}
