/** Files for the targets: real ones, written by the engine in memory, and a disk that holds an input. */
import type { FileSystem } from '../../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../../src/fs/memory-file-system.ts';
import { StubFileSystem } from '../../../log/stub-file-system.ts';
import { readBytes } from '../../../support/edit-file.ts';

export const DIRECTORY = '/db';
export const DATABASE_ID: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

/** What `write` leaves in files of these names. */
export function written(write: (fs: FileSystem) => void, ...names: readonly string[]): Uint8Array[] {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(DIRECTORY);
  write(fs);
  return names.map((name) => readBytes(fs, `${DIRECTORY}/${name}`));
}

/** A disk with one file, or more. */
export function diskOf(files: Readonly<Record<string, Uint8Array>>): FileSystem {
  const fs = new StubFileSystem();
  for (const [name, bytes] of Object.entries(files)) fs.files.set(`${DIRECTORY}/${name}`, bytes);
  return fs;
}
