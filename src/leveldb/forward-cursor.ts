import { Cursor } from '../cursor/cursor.ts';
import { LsmError } from '../errors.ts';

/** A cursor that is only ever walked from its first entry to its last: all that an import needs. */
export abstract class ForwardCursor extends Cursor {
  override seekToLast(): void {
    throw onlyForward();
  }

  override seek(): void {
    throw onlyForward();
  }

  override prev(): void {
    throw onlyForward();
  }
}

function onlyForward(): LsmError {
  return new LsmError('LSM_INTERNAL', 'broken invariant: this cursor goes forward only; please report this');
}
