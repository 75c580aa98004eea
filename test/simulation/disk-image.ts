/**
 * What a disk holds, as a value: names, and bytes that never change. Images of states that differ little
 * share what they have in common, so that thousands of them are cheap.
 */
import { crc32 } from '../../src/bytes/crc32.ts';

/** The bytes of a file. Two names for one file have the same image. */
export class FileImage {
  readonly bytes: Uint8Array;
  #key: string | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Equal for equal bytes, and hardly ever for others. */
  get key(): string {
    this.#key ??= `${this.bytes.length}.${crc32(this.bytes, 0, this.bytes.length)}`;
    return this.#key;
  }
}

export type DirectoryImage = ReadonlyMap<string, FileImage | DirectoryImage>;

/** Equal for equal trees, whatever the order of their names. */
export function keyOf(image: DirectoryImage): string {
  const parts: string[] = [];
  for (const [name, entry] of image) {
    parts.push(`${name}=${entry instanceof FileImage ? entry.key : `(${keyOf(entry)})`}`);
  }
  return parts.sort().join(' ');
}
