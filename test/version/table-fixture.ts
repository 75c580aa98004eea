/** Tables without files, for tests of what only looks at their metadata. */
import type { TableMeta } from '../../src/version/table-meta.ts';
import { Version } from '../../src/version/version.ts';
import type { VersionEdit } from '../../src/version/version-edit.ts';

export function key(text: string): Uint8Array {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** A table of the user keys from `smallest` to `largest`; give what matters to the test. */
export function table(
  fileNumber: number,
  smallest: string,
  largest: string,
  rest: Partial<TableMeta> = {},
): TableMeta {
  return {
    fileNumber,
    fileBytes: 1000,
    entryCount: 10,
    tombstoneCount: 0,
    keyCount: 10,
    dataBytes: 900,
    minSequence: 1,
    maxSequence: 10,
    epoch: 0,
    smallest: key(smallest),
    largest: key(largest),
    ...rest,
  };
}

/** A table of L0. Sequences follow the epoch, as those of flushes do. */
export function l0Table(
  epoch: number,
  fileNumber: number,
  smallest: string,
  largest: string,
  rest: Partial<TableMeta> = {},
): TableMeta {
  const sequences = { minSequence: epoch * 10, maxSequence: epoch * 10 + 9 };
  return table(fileNumber, smallest, largest, { epoch, ...sequences, ...rest });
}

export function add(level: number, ...tables: TableMeta[]): VersionEdit {
  return { added: tables.map((meta) => ({ level, table: meta })), deleted: [] };
}

export function remove(level: number, ...fileNumbers: number[]): VersionEdit {
  return { added: [], deleted: fileNumbers.map((fileNumber) => ({ level, fileNumber })) };
}

/** A Version with these tables, by level. */
export function versionOf(levels: Readonly<Record<number, readonly TableMeta[]>>, levelCount = 7): Version {
  let version = Version.empty(levelCount);
  for (const [level, tables] of Object.entries(levels))
    version = version.apply(add(Number(level), ...tables));
  return version;
}

export function numbers(tables: readonly TableMeta[]): number[] {
  return tables.map(({ fileNumber }) => fileNumber);
}
