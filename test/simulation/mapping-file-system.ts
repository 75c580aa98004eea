/**
 * A layer whose files can be mapped: a mapping is a copy of the file as it was then, taken away for good when it is
 * unmapped. So what reads a mapping longer than it may finds nothing there, and what forgets one is named.
 */
import { detachBuffer } from '../../src/fs/detach-buffer.ts';
import type { FileMapping, ReadableFile } from '../../src/fs/file-system.ts';
import { Layer } from './layer.ts';

/** `TABLES=mapped` makes tests that have tables in memory read them through mappings. */
export const TABLES_ARE_MAPPED: boolean = process.env.TABLES === 'mapped';

export class MappingFileSystem extends Layer {
  readonly mapsFiles: boolean = true;
  /** Mappings that were made in all. */
  made = 0;
  /** Those that were not ended, with their paths. */
  readonly #mapped = new Map<FileMapping, string>();

  mappedPaths(): string[] {
    return [...this.#mapped.values()].sort();
  }

  override openFile(path: string): ReadableFile {
    const file = super.openFile(path);
    return Object.assign(file, { map: () => this.#map(file) });
  }

  #map(file: ReadableFile): FileMapping {
    const content = new Uint8Array(file.size);
    file.read(content, 0, content.length, 0);
    const mapping = {
      bytes: content,
      unmap: () => {
        detachBuffer(content.buffer);
        this.#mapped.delete(mapping);
      },
    };
    this.made += 1;
    this.#mapped.set(mapping, file.path);
    return mapping;
  }
}
