/**
 * CURRENT: the small file that names the live manifest. It is replaced as a whole, never changed.
 *
 *      0  magic "MLSMCUR\0"        8
 *      8  format version = 1       u32
 *     12  manifest file number     u64
 *     20  manifest bytes           u64    how much of it was on the disk when CURRENT was written
 *     28  database id              16
 *     44  crc32 of bytes 0..43     u32    48 bytes in all
 *
 * The manifest starts with a snapshot of the whole tree, and `manifest bytes` covers that: a manifest that
 * ends earlier is damaged, not torn.
 */
import { DATABASE_ID_BYTES } from '../bytes/checksum.ts';
import { equalBytes } from '../bytes/compare.ts';
import { crc32 } from '../bytes/crc32.ts';
import { readU32, readU64, writeU32, writeU64 } from '../bytes/integers.ts';
import { assertInvariant, corruption, LsmError } from '../errors.ts';
import { type FileSystem, joinPath } from '../fs/file-system.ts';
import { CURRENT_FILE_NAME, CURRENT_TEMPORARY_NAME } from './file-names.ts';

/** Length of CURRENT, bytes. */
export const CURRENT_BYTES = 48;

const MAGIC: Uint8Array = Uint8Array.of(0x4d, 0x4c, 0x53, 0x4d, 0x43, 0x55, 0x52, 0x00);
const FORMAT_VERSION = 1;
const CRC_AT = CURRENT_BYTES - 4;

export interface CurrentFile {
  /** 16 bytes. */
  readonly databaseId: Uint8Array;
  readonly manifestNumber: number;
  readonly manifestBytes: number;
}

/**
 * Replaces CURRENT. The manifest that it names, and its directory entry, must be on the disk already. After
 * an error nobody knows which manifest is the live one, so neither may be removed or written to.
 */
export function writeCurrent(fs: FileSystem, directory: string, current: CurrentFile): void {
  const temporary = joinPath(directory, CURRENT_TEMPORARY_NAME);
  // Left behind by a crash in the middle of this.
  if (fs.status(temporary) !== undefined) fs.remove(temporary);
  const file = fs.createFile(temporary);
  try {
    file.append(encodeCurrent(current));
    file.sync();
  } finally {
    file.close();
  }
  fs.rename(temporary, joinPath(directory, CURRENT_FILE_NAME));
  fs.syncDirectory(directory);
}

/**
 * @throws LsmError `LSM_NOT_FOUND` where there is no CURRENT, which means no database; `LSM_CORRUPTION`;
 * `LSM_UNSUPPORTED_FORMAT`.
 */
export function readCurrent(fs: FileSystem, directory: string): CurrentFile {
  const path = joinPath(directory, CURRENT_FILE_NAME);
  const file = fs.openFile(path);
  try {
    const length = Math.min(file.size, CURRENT_BYTES + 1);
    const read = (): CurrentFile => {
      const bytes = new Uint8Array(length);
      file.read(bytes, 0, length, 0);
      return decodeCurrent(bytes, path);
    };
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LsmError) || error.code !== 'LSM_CORRUPTION') throw error;
      // A bit that flipped on the way from the disk is not damage on the disk.
      return read();
    }
  } finally {
    file.close();
  }
}

export function encodeCurrent({ databaseId, manifestNumber, manifestBytes }: CurrentFile): Uint8Array {
  assertInvariant(databaseId.length === DATABASE_ID_BYTES, 'a database id has 16 bytes');
  const bytes = new Uint8Array(CURRENT_BYTES);
  bytes.set(MAGIC);
  writeU32(bytes, 8, FORMAT_VERSION);
  writeU64(bytes, 12, manifestNumber);
  writeU64(bytes, 20, manifestBytes);
  bytes.set(databaseId, 28);
  writeU32(bytes, CRC_AT, crc32(bytes, 0, CRC_AT));
  return bytes;
}

export function decodeCurrent(bytes: Uint8Array, path: string): CurrentFile {
  if (bytes.length < CURRENT_BYTES) throw corruption(path, bytes.length, 'it is too short');
  if (!equalBytes(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
    throw corruption(path, 0, 'it does not begin as CURRENT does');
  }
  if (readU32(bytes, CRC_AT) !== crc32(bytes, 0, CRC_AT)) throw corruption(path, CRC_AT, 'wrong checksum');
  const version = readU32(bytes, 8);
  if (version !== FORMAT_VERSION) {
    const message = `${path} has format ${version}, which this version does not know; open it with the program that wrote it`;
    throw new LsmError('LSM_UNSUPPORTED_FORMAT', message, { file: path, offset: 8 });
  }
  if (bytes.length > CURRENT_BYTES) throw corruption(path, CURRENT_BYTES, 'it is too long');
  const manifestNumber = readU64(bytes, 12);
  const manifestBytes = readU64(bytes, 20);
  if (!Number.isSafeInteger(manifestNumber) || manifestNumber === 0) {
    throw corruption(path, 12, 'a manifest number out of range');
  }
  if (!Number.isSafeInteger(manifestBytes)) throw corruption(path, 20, 'a manifest size out of range');
  return { databaseId: bytes.slice(28, 28 + DATABASE_ID_BYTES), manifestNumber, manifestBytes };
}
