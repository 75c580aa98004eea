/** The layer of a disk that makes trouble, as far as whoever judges the consequences has to know it. */
import type { LsmError } from '../../../src/errors.ts';
import type { FileSystem } from '../../../src/fs/file-system.ts';

export interface Trouble {
  /** The disk with its trouble. */
  readonly fileSystem: FileSystem;
  /** How many errors it has made. */
  count(): number;
  /** Whether an error is one of those that it made. */
  made(error: LsmError): boolean;
  /** Does something without trouble, and without counting it. */
  quietly<T>(work: () => T): T;
  /** Ends the trouble for good. */
  end(): void;
}
