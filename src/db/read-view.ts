/**
 * What a read looks at: the memtables, newest first, and a Version. A view never changes; a write that
 * freezes the memtable, a flush and a compaction each put a new one in its place. A cursor holds the view
 * it began with, which keeps its memtables from being reused and its tables from being deleted.
 */
import type { Cursor } from '../cursor/cursor.ts';
import type { KeyRange } from '../keys/key-range.ts';
import type { MemTable } from '../memtable/mem-table.ts';
import type { Version } from '../version/version.ts';

/** A memtable and the write-ahead log that holds the same entries. */
export class LoggedMemTable {
  readonly table: MemTable;
  /** File number of its write-ahead log. */
  readonly log: number;
  /** The last sequence number in it; known once it is frozen. */
  lastSequence = 0;
  #views = 0;
  readonly #onFree: (table: MemTable) => void;

  /** `onFree` gets the memtable when no view holds it any more. */
  constructor(table: MemTable, log: number, onFree: (table: MemTable) => void) {
    this.table = table;
    this.log = log;
    this.#onFree = onFree;
  }

  ref(): void {
    this.#views += 1;
  }

  unref(): void {
    this.#views -= 1;
    if (this.#views === 0) this.#onFree(this.table);
  }
}

/** The cursors over a view, for one range after the other (see view-source.ts). */
export interface IdleSource {
  readonly fillCache: boolean;
  open(range: KeyRange): Cursor;
}

export class ReadView {
  /** The active memtable first, then the frozen ones, newest first. */
  readonly memtables: readonly LoggedMemTable[];
  readonly version: Version;
  /** What the last closed cursor leaves to the next one. */
  idleSource: IdleSource | undefined = undefined;
  #references = 1;

  constructor(memtables: readonly LoggedMemTable[], version: Version) {
    this.memtables = memtables;
    this.version = version;
    for (const memtable of memtables) memtable.ref();
    version.ref();
  }

  get active(): LoggedMemTable {
    return this.memtables[0];
  }

  get frozenCount(): number {
    return this.memtables.length - 1;
  }

  ref(): void {
    this.#references += 1;
  }

  unref(): void {
    this.#references -= 1;
    if (this.#references > 0) return;
    for (const memtable of this.memtables) memtable.unref();
    this.version.unref();
  }
}
