/** The cursors that are held on a database. */
import type { DbCursor } from '../../../src/db/db-cursor.ts';
import type { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Snapshot } from '../../../src/db/snapshots.ts';
import { expectError } from '../../support/expect-error.ts';
import type { Answer } from './answer.ts';
import { chosen, takeOut } from './held.ts';
import type { KeyPool } from './key-pool.ts';
import { HELD } from './model.ts';
import type { Ends, Move } from './operations.ts';

export class Cursors {
  readonly #pool: KeyPool;
  #held: DbCursor[] = [];
  /** Only some of them are tried: an error costs as much as a hundred moves. */
  #misuses = 0;

  constructor(pool: KeyPool) {
    this.#pool = pool;
  }

  open(db: MiniLsm, ends: Ends, snapshot: Snapshot | undefined): void {
    if (this.#held.length < HELD) this.#held.push(db.cursor({ ...this.#pool.range(ends), snapshot }));
  }

  move(number: number, moves: readonly Move[], answer: Answer): void {
    const cursor = chosen(this.#held, number);
    if (cursor === undefined) return;
    for (const move of moves) {
      this.#move(cursor, move);
      show(cursor, answer);
    }
  }

  close(number: number): void {
    takeOut(this.#held, number)?.close();
  }

  /** Where each of them stands: its views still show that entry. */
  showAll(answer: Answer): void {
    for (const cursor of this.#held) show(cursor, answer);
  }

  /** Lets go of all of them, which are closed if the database was. */
  forget(databaseIsClosed: boolean): void {
    for (const cursor of this.#held) if (databaseIsClosed) expectError('LSM_CLOSED', () => cursor.first());
    this.#held = [];
  }

  #move(cursor: DbCursor, move: Move): void {
    if (move === 'first' || move === 'last') cursor[move]();
    else if (move === 'next' || move === 'prev') {
      if (cursor.valid) cursor[move]();
      else if (this.#misuses++ % 16 === 0) expectError('LSM_INVALID_ARGUMENT', () => cursor[move]());
    } else if ('seek' in move) cursor.seek(this.#pool.bytes(move.seek));
    else cursor.seekBack(this.#pool.bytes(move.seekBack));
  }
}

function show(cursor: DbCursor, answer: Answer): void {
  answer.flag(cursor.valid);
  if (!cursor.valid) return;
  answer.bytes(cursor.key);
  answer.bytes(cursor.value);
}
