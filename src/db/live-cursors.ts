/**
 * The open cursors of a database. Each holds the view it began with; closing the database closes them all.
 */
import type { VisibleCursor } from '../cursor/visible-cursor.ts';
import type { KeyRange } from '../keys/key-range.ts';
import type { Core } from './core.ts';
import { openVisibleCursor } from './read-path.ts';
import type { ReadView } from './read-view.ts';

/** A visible cursor and the view that it reads. */
export class LiveCursor {
  readonly cursor: VisibleCursor;
  readonly #view: ReadView;
  readonly #live: Set<LiveCursor>;
  #closed = false;

  constructor(cursor: VisibleCursor, view: ReadView, live: Set<LiveCursor>) {
    this.cursor = cursor;
    this.#view = view;
    this.#live = live;
    live.add(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#live.delete(this);
    this.cursor.close();
    this.#view.unref();
  }
}

export class LiveCursors {
  readonly #core: Core;
  readonly #live = new Set<LiveCursor>();

  constructor(core: Core) {
    this.#core = core;
  }

  get size(): number {
    return this.#live.size;
  }

  /** A cursor over the database as it is now, up to a sequence number. */
  open(range: KeyRange, sequence: number, fillCache: boolean): LiveCursor {
    const { view, tables } = this.#core;
    const cursor = openVisibleCursor(view, tables, range, sequence, fillCache);
    view.ref();
    return new LiveCursor(cursor, view, this.#live);
  }

  closeAll(): void {
    for (const cursor of [...this.#live]) cursor.close();
  }
}
