/** Stands in for `NodeFileSystem` where there is no disk, such as in a browser. */
import { LsmError } from '../errors.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

export class NodeFileSystem extends MemoryFileSystem {
  constructor() {
    super();
    throw new LsmError(
      'LSM_INVALID_ARGUMENT',
      'this runtime has no disk; pass a file system: { fileSystem: new MemoryFileSystem() }',
    );
  }
}
