/**
 * Brings sections of a table file into memory: nothing that it returns has a wrong checksum.
 *
 * A section whose checksum is wrong is read once more, since a flipped bit on the way from the disk is not
 * damage on the disk; if it is still wrong, that is `LSM_CORRUPTION` with the file and the offset.
 */

import { allocateUninitialised } from '#platform';
import { checksumAt } from '../bytes/checksum.ts';
import { readU32 } from '../bytes/integers.ts';
import { corruption } from '../errors.ts';
import type { ReadableFile } from '../fs/file-system.ts';
import type { Block, BlockRole } from './block.ts';
import { unpackBlock } from './block-codec.ts';
import { decodeBlock, isBlockRange } from './block-decoder.ts';
import { type BlockAllocator, FRESH_MEMORY } from './block-memory.ts';
import {
  decodeFooter,
  FOOTER_BYTES,
  type Footer,
  footerIdentity,
  isFooterIntact,
  type TableIdentity,
} from './format.ts';
import type { TableMapping } from './table-mapping.ts';

/** What a table needs of its file; whether it is open at the moment is not its concern. */
export type TableFile = Pick<ReadableFile, 'path' | 'size' | 'read'>;

/**
 * The bytes of a section, by default in an array of their own; `offset` and `length` are inside the file, as
 * its footer was checked to say.
 */
export function readSection(
  file: TableFile,
  seed: number,
  offset: number,
  length: number,
  bytes: Uint8Array = allocateUninitialised(length),
): Uint8Array {
  file.read(bytes, 0, length, offset);
  if (isIntact(bytes, seed, offset)) return bytes;
  file.read(bytes, 0, length, offset);
  if (isIntact(bytes, seed, offset)) return bytes;
  throw corruption(file.path, offset, `the checksum of the ${length} bytes there is wrong`);
}

/** A block with its checksum and its structure checked, unpacked, in memory of that allocator. */
export function readBlock(
  file: TableFile,
  seed: number,
  role: BlockRole,
  offset: number,
  length: number,
  allocator: BlockAllocator = FRESH_MEMORY,
): Block {
  if (!isBlockRange(offset, length, file.size)) throw corruption(file.path, offset, 'no block can be there');
  const stored = readSection(file, seed, offset, length, allocator.take(length));
  const bytes = unpackBlock(stored, allocator, file.path, offset);
  if (bytes !== stored) allocator.give(stored);
  return decodeBlock(bytes, role, file.path, offset);
}

/**
 * A block with its checksum and its structure checked, in place if it is not packed, else unpacked into memory of
 * that allocator; undefined if its checksum is wrong: then it has to be read.
 */
export function mappedBlock(
  mapping: TableMapping,
  file: TableFile,
  seed: number,
  role: BlockRole,
  offset: number,
  length: number,
  allocator: BlockAllocator,
): Block | undefined {
  if (!isBlockRange(offset, length, file.size)) throw corruption(file.path, offset, 'no block can be there');
  const stored = mapping.stored(offset, length);
  if (!isIntact(stored, seed, offset)) return undefined;
  const bytes = unpackBlock(stored, allocator, file.path, offset);
  return decodeBlock(bytes, role, file.path, offset);
}

/** Whether the last four bytes are the checksum of those before them. */
export function isIntact(bytes: Uint8Array, seed: number, offset: number): boolean {
  const end = bytes.length - 4;
  return checksumAt(seed, offset, bytes, 0, end) === readU32(bytes, end);
}

/** The footer as it is in the file now; like every section it is read once more if it looks damaged. */
export function readFooter(file: TableFile, identity: TableIdentity): Footer {
  const offset = file.size - FOOTER_BYTES;
  if (offset < 0) throw corruption(file.path, 0, `a file of ${file.size} bytes is too short for a table`);
  return decodeFooter(readFooterBytes(file, offset), identity, file.path, offset);
}

/**
 * Which table a file says it is, whatever it is called; undefined if its footer is not intact.
 * @throws LsmError `LSM_UNSUPPORTED_FORMAT` for a table of another format version.
 */
export function readTableIdentity(file: TableFile): TableIdentity | undefined {
  const offset = file.size - FOOTER_BYTES;
  return offset < 0 ? undefined : footerIdentity(readFooterBytes(file, offset), file.path, offset);
}

function readFooterBytes(file: TableFile, offset: number): Uint8Array {
  const bytes = new Uint8Array(FOOTER_BYTES);
  file.read(bytes, 0, FOOTER_BYTES, offset);
  if (!isFooterIntact(bytes, offset)) file.read(bytes, 0, FOOTER_BYTES, offset);
  return bytes;
}
