/**
 * `mmap` and `munmap` of the C library, called through the optional package koffi.
 *
 * This is the one place of the engine where a mistake would crash the process and not throw. What keeps it safe:
 * memory is mapped for reading only, the view ends where the file does, and nothing is unmapped before the view
 * was taken away from everybody (detach-buffer.ts); a view that can't be taken away stays mapped for good. What it
 * can't keep out is that somebody cuts off a mapped file: see docs/mmap.md.
 */
import { createRequire } from 'node:module';
import { LsmError } from '../errors.ts';
import { detachBuffer } from './detach-buffer.ts';
import type { FileMapping } from './file-system.ts';
import { loadOptionalPackage } from './optional-package.ts';

/** The same numbers on Linux and macOS. */
const PROT_READ = 1;
const MAP_SHARED = 1;
const MAP_FAILED = -1n;

/** What is used of koffi 3: addresses are bigints there. */
interface Koffi {
  load(library: null): { func(prototype: string): (...parameters: unknown[]) => unknown };
  view(address: bigint, length: number): ArrayBuffer;
  sizeof(type: string): number;
}

/** The calls of the C library. */
export interface MapCalls {
  /** The address, or `MAP_FAILED`. */
  map(length: number, fd: number): bigint;
  unmap(address: bigint, length: number): void;
  /** The memory there, as it is. */
  view(address: bigint, length: number): ArrayBuffer;
}

/**
 * Finds the calls.
 * @throws LsmError `LSM_INVALID_ARGUMENT` where they can't be had, saying what to do.
 */
export function loadMapCalls(
  platform: string = process.platform,
  load: (name: string) => unknown = createRequire(import.meta.url),
): MapCalls {
  if (platform !== 'linux' && platform !== 'darwin') {
    throw refusal(`option mmap is for Linux and macOS, not for ${platform}; open the database without it`);
  }
  const koffi = loadOptionalPackage(KOFFI, load);
  if (koffi.sizeof('void *') !== 8) {
    throw refusal('option mmap needs a 64-bit process; open the database without it');
  }
  const libc = koffi.load(null);
  const map = libc.func('void *mmap(void *, size_t, int, int, int, int64_t)');
  const unmap = libc.func('int munmap(void *, size_t)');
  return {
    map: (length, fd) => BigInt.asIntN(64, map(null, length, PROT_READ, MAP_SHARED, fd, 0) as bigint),
    unmap: (address, length) => void unmap(address, length),
    view: (address, length) => koffi.view(address, length),
  };
}

function isKoffi(found: unknown): found is Koffi {
  if (typeof found !== 'object' || found === null || !('version' in found)) return false;
  return 'view' in found && Number.parseInt(String(found.version), 10) >= 3;
}

const KOFFI = { name: 'koffi', version: 3, option: 'mmap', isRight: isKoffi } as const;

function refusal(message: string, cause?: unknown): LsmError {
  return new LsmError('LSM_INVALID_ARGUMENT', message, { cause });
}

/** Maps a file of `length` bytes; undefined if the system refuses. The file may be closed afterwards. */
export function mapMemory(fd: number, length: number, calls: MapCalls): FileMapping | undefined {
  const address = calls.map(length, fd);
  return address === MAP_FAILED ? undefined : new MemoryMapping(address, length, calls);
}

class MemoryMapping implements FileMapping {
  bytes: Uint8Array;
  readonly #address: bigint;
  readonly #calls: MapCalls;

  constructor(address: bigint, length: number, calls: MapCalls) {
    this.bytes = new Uint8Array(calls.view(address, length));
    this.#address = address;
    this.#calls = calls;
  }

  unmap(): void {
    const { buffer, length } = this.bytes;
    this.bytes = new Uint8Array(0);
    if (length > 0 && detachBuffer(buffer as ArrayBuffer)) this.#calls.unmap(this.#address, length);
  }
}
