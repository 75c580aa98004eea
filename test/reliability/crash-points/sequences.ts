/**
 * Every sequence of up to three operations of ten kinds. Most crash bugs of file systems and stores need no more
 * (Mohan et al., "Finding Crash-Consistency Bugs with Bounded Black-Box Crash Testing", OSDI 2018), as long as
 * the kinds are those that differ in what they do to files: appends with and without a sync, of one block and
 * of several; the sync alone; what begins a new log; what writes tables, merges them and removes them; what
 * closes and opens. They run on a database that has data in a table and in its log, so that each of them alone
 * has something to do.
 */
import type { DirectoryImage } from '../../simulation/disk-image.ts';
import { History } from './history.ts';
import { Life } from './life.ts';

type Step = (life: Life) => void;

const KINDS: readonly Step[] = [
  (life) => life.put('a', 20),
  (life) => life.put('b', 20, true),
  (life) => life.delete('a'),
  (life) =>
    life.write([
      ['a', life.value(9)],
      ['c', undefined],
      ['d', life.value(9)],
    ]),
  // Over several blocks of the disk, and not yet a memtable.
  (life) =>
    life.write(
      [
        ['b', life.value(300)],
        ['e', life.value(300)],
      ],
      true,
    ),
  // More than a memtable takes: a new log, a flush, and perhaps a merge.
  (life) => life.put('f', 1100),
  (life) => life.sync(),
  (life) => life.flush(),
  (life) => life.compact(),
  (life) => life.reopen(),
];

/** How many there are: 10 + 100 + 1,000. */
export const SEQUENCES: number = KINDS.length + KINDS.length ** 2 + KINDS.length ** 3;

/** The steps of a sequence, the short ones first. */
export function sequence(index: number): readonly Step[] {
  let rest = index;
  let length = 1;
  for (let count = KINDS.length; rest >= count; count *= KINDS.length) {
    rest -= count;
    length += 1;
  }
  return Array.from({ length }, (_, place) => KINDS[Math.floor(rest / KINDS.length ** place) % KINDS.length]);
}

let start: { readonly image: DirectoryImage; readonly history: History } | undefined;

/** A life that starts with `a`, `b` and `c` in a table, `b` and `d` in a log, and is not opened yet. */
export function preparedLife(settings: Pick<ConstructorParameters<typeof Life>[0], 'layer' | 'seed'>): Life {
  if (start === undefined) {
    const life = new Life({});
    life.open();
    for (const key of ['a', 'b', 'c']) life.put(key, 30);
    life.flush();
    life.put('b', 25);
    life.put('d', 25, true);
    start = { image: life.disk.image(), history: life.history };
  }
  return new Life({ ...settings, image: start.image, history: new History(start.history.contents) });
}
