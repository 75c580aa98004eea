/** Stands in for `mapping-file-system.ts` where there is no disk. */
import { LsmError } from '../errors.ts';
import type { FileSystem } from './file-system.ts';

export function mappingFileSystem(): FileSystem {
  throw new LsmError('LSM_INVALID_ARGUMENT', 'option mmap needs a disk, which this runtime does not have');
}
