/** What a database takes on the disk: the blocks of its files, since some engines make files longer than they fill. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 512;

export function directoryBytes(directory: string): number {
  let bytes = 0;
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const { size, blocks } = statSync(join(directory, name));
    // Windows counts no blocks.
    bytes += blocks === 0 ? size : Math.min(size, blocks * BLOCK_BYTES);
  }
  return bytes;
}
