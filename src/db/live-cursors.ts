/**
 * The open cursors of a database. Each holds the view it began with; closing the database closes them all.
 *
 * A cursor that is forgotten without being closed would pin memory and files for ever. So the object that
 * the user holds is watched: when it is garbage, its cursor is closed. That is a net, not a plan: nobody
 * knows when garbage is collected. Most cursors are closed before the next one is opened, and watching costs
 * as much as a short scan itself (3 of 18 us), so the newest cursor is watched only from the end of the turn
 * of the event loop, or the next cursor, on.
 */
import { CursorMemory, VisibleCursor } from '../cursor/visible-cursor.ts';
import type { KeyRange } from '../keys/key-range.ts';
import type { Core } from './core.ts';
import type { IdleSource, ReadView } from './read-view.ts';
import { ViewSource } from './view-source.ts';

/** Of so many closed cursors the memory is kept for new ones, with keys of up to so many bytes. */
const MOST_MEMORIES_KEPT = 8;
const LARGEST_KEY_KEPT = 1024;

/** A visible cursor and the view that it reads. */
export class LiveCursor {
  readonly cursor: VisibleCursor;
  readonly memory: CursorMemory;
  readonly #source: IdleSource;
  readonly #view: ReadView;
  readonly #owner: LiveCursors;
  #closed = false;

  constructor(
    cursor: VisibleCursor,
    memory: CursorMemory,
    source: IdleSource,
    view: ReadView,
    owner: LiveCursors,
  ) {
    this.cursor = cursor;
    this.memory = memory;
    this.#source = source;
    this.#view = view;
    this.#owner = owner;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Moves to the first entry whose key is not below this one. */
  seek(key: Uint8Array): void {
    this.#owner.paySeek(this.#view);
    this.cursor.seek(key, 0, key.length);
  }

  /** Moves to the last entry whose key is not above this one. */
  seekBack(key: Uint8Array): void {
    this.#owner.paySeek(this.#view);
    this.cursor.seekBack(key, 0, key.length);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.forget(this);
    this.cursor.close();
    this.#view.idleSource = this.#source;
    this.#view.unref();
  }
}

/**
 * What the end of the turn holds on to: no database without an open cursor, or a program that opens one after
 * the other in one turn would have the memory of all of them.
 */
interface Turn {
  awaited: boolean;
  cursors: LiveCursors | undefined;
}

export class LiveCursors {
  readonly #core: Core;
  readonly #live = new Set<LiveCursor>();
  /**
   * Memory that no cursor uses. A cursor shows its user views of its key array, which V8 then moves out of its own
   * heap: a tenth off the row seekrandom.
   */
  readonly #memories: CursorMemory[] = [];
  readonly #forgotten = new FinalizationRegistry<LiveCursor>((cursor) => cursor.close());
  /** The cursor that is not watched yet, and its holder. */
  #newest: LiveCursor | undefined;
  #newestHolder: object | undefined;
  readonly #turn: Turn = { awaited: false, cursors: undefined };

  constructor(core: Core) {
    this.#core = core;
  }

  get size(): number {
    return this.#live.size;
  }

  /** A cursor over the database as it is now, up to a sequence number. */
  open(range: KeyRange, sequence: number, fillCache: boolean): LiveCursor {
    const { view, tables } = this.#core;
    const idle = view.idleSource;
    const source = idle?.fillCache === fillCache ? idle : new ViewSource(view, tables, fillCache);
    view.idleSource = undefined;
    const opened = source.open(range);
    this.paySeek(view);
    const memory = this.#memories.pop() ?? new CursorMemory();
    const cursor = new VisibleCursor(opened, sequence, range, memory);
    view.ref();
    const live = new LiveCursor(cursor, memory, source, view, this);
    this.#live.add(live);
    return live;
  }

  /** A cursor over a view is about to look for a place in each of its tables. */
  paySeek({ version }: ReadView): void {
    this.#core.toll.seek(version.levels[0].length);
  }

  /** Closes the cursor when `holder`, the only object that leads a user to it, is garbage. */
  watch<Holder extends object>(holder: Holder, cursor: LiveCursor): Holder {
    this.#watchNewest();
    this.#newest = cursor;
    this.#newestHolder = holder;
    const turn = this.#turn;
    turn.cursors = this;
    if (!turn.awaited) {
      turn.awaited = true;
      queueMicrotask(() => {
        turn.awaited = false;
        if (turn.cursors !== undefined) turn.cursors.#watchNewest();
      });
    }
    return holder;
  }

  /** A cursor has been closed. */
  forget(cursor: LiveCursor): void {
    this.#live.delete(cursor);
    const { memory } = cursor;
    const isKept = memory.key.length <= LARGEST_KEY_KEPT && this.#memories.length < MOST_MEMORIES_KEPT;
    if (isKept) this.#memories.push(memory);
    if (cursor === this.#newest) {
      this.#newest = undefined;
      this.#newestHolder = undefined;
      this.#turn.cursors = undefined;
    } else {
      this.#forgotten.unregister(cursor);
    }
  }

  closeAll(): void {
    for (const cursor of [...this.#live]) cursor.close();
  }

  #watchNewest(): void {
    const cursor = this.#newest;
    const holder = this.#newestHolder;
    if (cursor === undefined || holder === undefined) return;
    this.#newest = undefined;
    this.#newestHolder = undefined;
    this.#turn.cursors = undefined;
    this.#forgotten.register(holder, cursor, cursor);
  }
}
