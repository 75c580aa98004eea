/**
 * The tables of the levels as sorted arrays, and the only code that changes them: L0 by epoch, newest
 * first; every level below it by smallest user key, ranges disjoint. Both a new Version and the replay of
 * a manifest go through `applyToLevels`, so what the engine may write is what recovery accepts.
 */
import { compareKeys } from '../bytes/compare.ts';
import { findPart } from '../cursor/concatenating-cursor.ts';
import { type TableMeta, tableFault } from './table-meta.ts';
import type { VersionEdit } from './version-edit.ts';

/** More levels than any tree has: a bound for what is read from disk. */
export const MAX_LEVEL_COUNT = 16;

/**
 * Applies the table changes of an edit in place, deletions first: a table that moves is deleted from one
 * level and added to another. Returns the rule that the edit breaks, or undefined; after a broken rule the
 * arrays are in no state to be used.
 *
 * `places` maps every file number to its level and is kept up to date.
 */
export function applyToLevels(
  levels: TableMeta[][],
  places: Map<number, number>,
  edit: VersionEdit,
): string | undefined {
  for (const { level, fileNumber } of edit.deleted) {
    if (places.get(fileNumber) !== level) return `deletes table ${fileNumber}, which is not in L${level}`;
    places.delete(fileNumber);
    levels[level].splice(positionOf(levels[level], fileNumber), 1);
  }
  for (const { level, table } of edit.added) {
    if (level >= levels.length) return `adds table ${table.fileNumber} to L${level}, which does not exist`;
    if (places.has(table.fileNumber)) return `adds table ${table.fileNumber} twice`;
    const fault = tableFault(table) ?? insert(levels[level], level, table);
    if (fault !== undefined) return `adds table ${table.fileNumber} with ${fault}`;
    places.set(table.fileNumber, level);
  }
  return undefined;
}

/** The rule that an insertion would break, or undefined once it is done. */
function insert(tables: TableMeta[], level: number, table: TableMeta): string | undefined {
  if (level === 0) {
    let at = 0;
    while (at < tables.length && tables[at].epoch > table.epoch) at++;
    if (table.epoch === 0) return 'no epoch in L0';
    if (at < tables.length && tables[at].epoch === table.epoch) return 'an epoch that L0 has already';
    tables.splice(at, 0, table);
    return undefined;
  }
  if (table.epoch !== 0) return 'an epoch below L0';
  const at = findPart(tables, table.smallest, 0, table.smallest.length);
  if (at < tables.length && compareKeys(tables[at].smallest, table.largest) <= 0) {
    return `keys that overlap table ${tables[at].fileNumber} of the same level`;
  }
  tables.splice(at, 0, table);
  return undefined;
}

function positionOf(tables: readonly TableMeta[], fileNumber: number): number {
  return tables.findIndex((table) => table.fileNumber === fileNumber);
}
