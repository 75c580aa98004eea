/**
 * What happens when a part of a LevelDB directory cannot be read: the error ends the import, or, when
 * salvaging, the part is noted and left out.
 */
import { corruption, LsmError, type LsmErrorCode } from '../errors.ts';

/** A part of a file that was left out. */
export interface SkippedPart {
  readonly file: string;
  /** Where it starts, bytes. */
  readonly offset: number;
  /** Bytes of the file that were not read because of it. */
  readonly bytes: number;
  readonly code: LsmErrorCode;
  /** What is wrong with it. */
  readonly message: string;
}

/** So many parts are described; of more, only their number and bytes are known. */
const MAX_DESCRIBED = 1000;

export class Damage {
  readonly #salvage: boolean;
  readonly described: SkippedPart[] = [];
  parts = 0;
  bytes = 0;

  constructor(salvage: boolean) {
    this.#salvage = salvage;
  }

  /** Notes the part that an error is about. @throws the error, unless salvaging. */
  met(error: unknown, file: string, offset: number, bytes: number): void {
    if (!this.#salvage || !(error instanceof LsmError)) throw error;
    this.parts += 1;
    this.bytes += bytes;
    if (this.parts > MAX_DESCRIBED) return;
    this.described.push({ file, offset, bytes, code: error.code, message: error.message });
  }
}

/** Damage in a table or log, which an import can do without if it is asked to. */
export function damagedPart(file: string, offset: number, what: string): LsmError {
  return corruption(
    file,
    offset,
    `${what}; restore it from a backup, or import with salvage to leave it out`,
  );
}
