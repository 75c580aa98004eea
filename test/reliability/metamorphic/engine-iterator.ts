/** An iterator of abstract-level's kind, made of what the engine has. */
import type { DbCursor } from '../../../src/db/db-cursor.ts';
import type { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { ScanIterator } from '../../../src/db/scan.ts';
import type { Snapshot } from '../../../src/db/snapshots.ts';
import type { Answer } from './answer.ts';
import type { Range } from './key-pool.ts';
import type { Walk } from './operations.ts';

/** With a limit a scan that is begun; without one a cursor, since that can seek. */
export class EngineIterator {
  readonly #range: Range;
  readonly #reverse: boolean;
  readonly #scan: ScanIterator | undefined;
  readonly #cursor: DbCursor | undefined;
  /** Whether the cursor stands on the entry that comes next, or on the one that came last. */
  #unread = false;
  #begun = false;

  constructor(db: MiniLsm, range: Range, walk: Walk, snapshot: Snapshot | undefined) {
    const { reverse, limit, fillCache } = walk;
    this.#range = range;
    this.#reverse = reverse;
    if (limit === undefined) this.#cursor = db.cursor({ ...range, fillCache, snapshot });
    else this.#scan = db.scan({ ...range, reverse, limit, fillCache, snapshot })[Symbol.iterator]();
  }

  read(count: number, answer: Answer): void {
    for (let i = 0; i < count; i++) {
      const entry = this.#next();
      answer.flag(entry !== undefined);
      if (entry === undefined) return;
      answer.bytes(entry[0]);
      answer.bytes(entry[1]);
    }
  }

  /** Reads all that is left, and closes. */
  readAll(answer: Answer): void {
    this.read(Number.POSITIVE_INFINITY, answer);
    this.close();
  }

  /** A target out of the range is the end. */
  seek(target: Uint8Array): void {
    const cursor = this.#cursor;
    if (cursor === undefined) return;
    this.#begun = true;
    this.#unread = true;
    if (this.#reverse) cursor.seekBack(target);
    else cursor.seek(target);
    if (isWithin(target, this.#range)) return;
    if (this.#reverse) cursor.first();
    else cursor.last();
    this.#unread = false;
  }

  close(): void {
    this.#cursor?.close();
    this.#scan?.return();
  }

  #next(): readonly [Uint8Array, Uint8Array] | undefined {
    const cursor = this.#cursor;
    if (cursor === undefined) return this.#scan?.next().value;
    this.#step(cursor);
    return cursor.valid ? [cursor.key, cursor.value] : undefined;
  }

  #step(cursor: DbCursor): void {
    if (this.#unread) this.#unread = false;
    else if (!this.#begun) {
      this.#begun = true;
      if (this.#reverse) cursor.last();
      else cursor.first();
    } else if (cursor.valid) {
      if (this.#reverse) cursor.prev();
      else cursor.next();
    }
  }
}

function isWithin(key: Uint8Array, { gt, gte, lt, lte }: Range): boolean {
  if (gte !== undefined) {
    if (Buffer.compare(key, gte) < 0) return false;
  } else if (gt !== undefined && Buffer.compare(key, gt) <= 0) return false;
  if (lte !== undefined) return Buffer.compare(key, lte) <= 0;
  return lt === undefined || Buffer.compare(key, lt) < 0;
}
