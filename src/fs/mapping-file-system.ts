/** The real disk, with files that can be shown in memory. */
import type { FileMapping, FileSystem, ReadableFile } from './file-system.ts';
import { loadMapCalls, type MapCalls, mapMemory } from './memory-map.ts';
import { NodeFileSystem } from './node-file-system.ts';
import { NodeReadableFile } from './node-readable-file.ts';

/** @throws LsmError `LSM_INVALID_ARGUMENT` where files can't be mapped, saying what to do. */
export function mappingFileSystem(calls: MapCalls = loadMapCalls()): FileSystem {
  return new MappingFileSystem(calls);
}

class MappingFileSystem extends NodeFileSystem {
  readonly mapsFiles: boolean = true;
  readonly #calls: MapCalls;

  constructor(calls: MapCalls) {
    super();
    this.#calls = calls;
  }

  protected override readable(fd: number, path: string, size: number): ReadableFile {
    return new MappableFile(fd, path, size, this.#calls);
  }
}

class MappableFile extends NodeReadableFile {
  readonly #mapFd: number;
  readonly #mapCalls: MapCalls;

  constructor(fd: number, path: string, size: number, calls: MapCalls) {
    super(fd, path, size);
    this.#mapFd = fd;
    this.#mapCalls = calls;
  }

  map(): FileMapping | undefined {
    this.assertOpen();
    // The system maps nothing that is empty.
    return this.size === 0 ? undefined : mapMemory(this.#mapFd, this.size, this.#mapCalls);
  }
}
