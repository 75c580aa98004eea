/** Looks at the files of a database and changes them behind its back. */
import { checksumAt } from '../../src/bytes/checksum.ts';
import { crc32 } from '../../src/bytes/crc32.ts';
import { readU32, writeU32 } from '../../src/bytes/integers.ts';
import { type FileSystem, joinPath, readWholeFile } from '../../src/fs/file-system.ts';
import { FOOTER_BYTES } from '../../src/sstable/format.ts';
import { type ParsedFileName, parseFileName } from '../../src/version/file-names.ts';

export function readBytes(fs: FileSystem, path: string): Uint8Array {
  return readWholeFile(fs, path, Number.MAX_SAFE_INTEGER);
}

/** Puts a file in place of another, or where none was. */
export function replaceFile(fs: FileSystem, path: string, bytes: Uint8Array): void {
  if (fs.status(path) !== undefined) fs.remove(path);
  const file = fs.createFile(path);
  file.append(bytes);
  file.close();
}

/** Every file in a directory but locks, with what it holds. */
export function filesIn(fs: FileSystem, directory: string): Map<string, Uint8Array> {
  const names = fs.list(directory).filter((name) => parseFileName(name)?.kind !== 'lock');
  names.sort();
  return new Map(names.map((name) => [name, readBytes(fs, joinPath(directory, name))]));
}

/** The names of one kind, by their numbers, lowest first. */
export function namesOfKind(fs: FileSystem, directory: string, kind: ParsedFileName['kind']): string[] {
  const numberOf = (name: string): number => parseFileName(name)?.number ?? 0;
  const names = fs.list(directory).filter((name) => parseFileName(name)?.kind === kind);
  return names.sort((a, b) => numberOf(a) - numberOf(b));
}

/** The file as a later version of the program would write it: a higher format version, checksums right. */
export function asNewerFormat(bytes: Uint8Array, kind: ParsedFileName['kind']): Uint8Array {
  const newer = bytes.slice();
  if (kind === 'table') {
    const footer = newer.length - FOOTER_BYTES;
    writeU32(newer, footer + 104, readU32(newer, footer + 104) + 1);
    writeU32(newer, footer + 108, checksumAt(0, footer, newer, footer, 108));
  } else {
    // CURRENT, manifests and write-ahead logs all have the version at 8 and the checksum of their header at 44.
    writeU32(newer, 8, readU32(newer, 8) + 1);
    writeU32(newer, 44, crc32(newer, 0, 44));
  }
  return newer;
}
