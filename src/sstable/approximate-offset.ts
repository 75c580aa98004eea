import { MAX_SEQUENCE } from '../keys/internal-key.ts';
import type { TableReader } from './table-reader.ts';

/** Where the data block starts that holds a user key, or would: an offset in the file, found in the index alone. */
export function approximateOffset(table: TableReader, key: Uint8Array): number {
  let block = table.root();
  for (let level = table.footer.indexHeight; ; level--) {
    const child = block.floor(key, 0, key.length, MAX_SEQUENCE);
    if (level === 1) return block.childOffset(child);
    block = table.child(block, child, level);
  }
}
