/**
 * The tables of every level at one moment. A Version never changes; an edit makes a new one. Whoever reads
 * from a Version holds a reference to it, and the files that it names stay on disk meanwhile.
 *
 * Invariants: L0 is ordered by epoch, newest first, and its tables may overlap; in every level below it the
 * tables are ordered by user key and no two have a user key in common; a table of a higher level (smaller
 * number) holds newer versions of a user key than any table below it.
 */
import { compareBytes, compareKeys } from '../bytes/compare.ts';
import { findPart } from '../cursor/concatenating-cursor.ts';
import { assertInvariant, LsmError } from '../errors.ts';
import { KeyRuler, PART_MASK, PLACE_BITS } from '../keys/key-ruler.ts';
import type { Table } from '../sstable/table.ts';
import { applyToLevels } from './level-tables.ts';
import { rangesOverlap, type TableMeta, totalBytes } from './table-meta.ts';
import type { VersionEdit } from './version-edit.ts';

export class Version {
  readonly levels: readonly (readonly TableMeta[])[];
  /**
   * The tables of `levels` that readers have opened, at the same places: to find one by its number anew takes
   * 40 ns in each level, of 0.6 us for a key that is nowhere.
   */
  readonly opened: readonly (Table | undefined)[][];
  /** Called once, when the last reference is given back. */
  onRelease: ((version: Version) => void) | undefined;
  readonly #bytes: readonly number[];
  /** Made by the first lookup: the smallest and the largest key of each table of a level, in turn. */
  readonly #rulers: (KeyRuler | undefined)[] = [];
  #references = 0;

  constructor(levels: readonly (readonly TableMeta[])[]) {
    this.levels = levels;
    this.opened = levels.map((tables) => new Array<Table | undefined>(tables.length).fill(undefined));
    this.#bytes = levels.map(totalBytes);
  }

  static empty(levelCount: number): Version {
    return new Version(Array.from({ length: levelCount }, () => []));
  }

  /**
   * The Version after an edit; this one stays as it is.
   * @throws LsmError `LSM_INTERNAL` if the edit breaks an invariant: then it must not reach the manifest.
   */
  apply(edit: VersionEdit): Version {
    const levels = this.levels.map((tables) => [...tables]);
    const places = new Map<number, number>();
    levels.forEach((tables, level) => {
      for (const table of tables) places.set(table.fileNumber, level);
    });
    const fault = applyToLevels(levels, places, edit);
    if (fault !== undefined) {
      throw new LsmError('LSM_INTERNAL', `a version edit ${fault}; please report this`);
    }
    return new Version(levels);
  }

  /** Bytes of the files of a level. */
  levelBytes(level: number): number {
    return this.#bytes[level];
  }

  get totalBytes(): number {
    return this.#bytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  get tableCount(): number {
    return this.levels.reduce((sum, tables) => sum + tables.length, 0);
  }

  /** The deepest level that holds a table; 0 for an empty tree. */
  get lastNonEmptyLevel(): number {
    let level = this.levels.length - 1;
    while (level > 0 && this.levels[level].length === 0) level--;
    return level;
  }

  /** The highest level below L0 that holds a table; undefined if there is none. */
  get firstNonEmptyLevel(): number | undefined {
    for (let level = 1; level < this.levels.length; level++) {
      if (this.levels[level].length > 0) return level;
    }
    return undefined;
  }

  /** The tables of a level, in its order, that have a user key in common with [smallest, largest]. */
  overlapping(level: number, smallest: Uint8Array, largest: Uint8Array): TableMeta[] {
    const tables = this.levels[level];
    if (level === 0) return tables.filter((table) => rangesOverlap(table, { smallest, largest }));
    const first = findPart(tables, smallest, 0, smallest.length);
    let end = first;
    while (end < tables.length && compareKeys(tables[end].smallest, largest) <= 0) end++;
    return tables.slice(first, end);
  }

  /** Which table of a level below L0 may hold the user key; -1 for none. */
  indexFor(level: number, key: Uint8Array, start: number, length: number): number {
    const tables = this.levels[level];
    if (tables.length === 0) return -1;
    this.#rulers[level] ??= KeyRuler.along(tables.flatMap(({ smallest, largest }) => [smallest, largest]));
    const place = this.#rulers[level].place(key, start, length);
    // Place 0 is also that of what is below all tables.
    if (place > PART_MASK) {
      const bound = place >> PLACE_BITS;
      return (bound & 1) === 0 ? bound >> 1 : -1;
    }
    const at = findPart(tables, key, start, length);
    if (at === tables.length) return -1;
    const { smallest } = tables[at];
    return compareBytes(smallest, 0, smallest.length, key, start, length) <= 0 ? at : -1;
  }

  /** Holds on to this Version and its files; give it back with {@link unref}. */
  ref(): this {
    this.#references++;
    return this;
  }

  unref(): void {
    assertInvariant(this.#references > 0, 'a Version is released as often as it is held');
    this.#references--;
    if (this.#references === 0) this.onRelease?.(this);
  }
}
