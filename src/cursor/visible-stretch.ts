/**
 * What a snapshot sees of a stretch: the rules of the visible cursor (visible-cursor.ts), for many entries at a
 * time. What is left of the stretch moves together at its start, and `places` says where it was.
 */
import { KIND_PUT } from '../keys/internal-key.ts';
import { isAbove, isBelow, type KeyRange } from '../keys/key-range.ts';
import { LONGEST_STRETCH, Stretch } from './stretch.ts';

export class VisibleStretch extends Stretch {
  /** Which entry of the whole stretch each of those that are left was. */
  readonly places: Uint8Array = new Uint8Array(LONGEST_STRETCH);

  /**
   * Leaves the entries to show in a walk forward. The first one is the current entry of the walk and stays. Of
   * a key the newest visible version comes first: all later ones are passed over.
   */
  keepForward(snapshot: number, range: KeyRange): void {
    const { count, sequences, kinds, places } = this;
    if (count === 0) return;
    places[0] = 0;
    let kept = 1;
    let decided = 0;
    for (let at = 1; at < count; at++) {
      if (sequences[at] > snapshot || this.sameKey(decided, at)) continue;
      decided = at;
      if (kinds[at] !== KIND_PUT) continue;
      places[kept] = at;
      if (kept !== at) this.move(at, kept);
      kept++;
    }
    while (kept > 1 && isAbove(range, this.keys, this.keyStarts[kept - 1], this.keyLengths[kept - 1])) kept--;
    this.count = kept;
  }

  /**
   * Leaves the entries to show in a walk backward. Of a key the oldest version comes first, so the last entry
   * of the stretch stays undecided: a newer one may follow in another block.
   */
  keepBackward(snapshot: number, range: KeyRange): void {
    const { count, sequences, kinds, places } = this;
    let kept = 0;
    for (let at = 0; at + 1 < count; at++) {
      if (sequences[at] > snapshot || kinds[at] !== KIND_PUT) continue;
      if (sequences[at + 1] <= snapshot && this.sameKey(at, at + 1)) continue;
      places[kept] = at;
      if (kept !== at) this.move(at, kept);
      kept++;
    }
    while (kept > 0 && isBelow(range, this.keys, this.keyStarts[kept - 1], this.keyLengths[kept - 1])) kept--;
    this.count = kept;
  }
}
