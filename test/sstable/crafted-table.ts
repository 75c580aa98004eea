/** Tables put together section by section, with right checksums: what no writer makes, but somebody could. */
import { fileSeed } from '../../src/bytes/checksum.ts';
import { writeU32, writeU64 } from '../../src/bytes/integers.ts';
import { KIND_PUT, MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import { BlockBuilder } from '../../src/sstable/block-builder.ts';
import { encodeFooter, type Footer, type Handle } from '../../src/sstable/format.ts';
import { buildProperties } from '../../src/sstable/properties.ts';
import { DATABASE_ID, IDENTITY, text } from './support.ts';

/** An entry: its key, its sequence, and a value or the block that it leads to. */
export type CraftedEntry = readonly [key: string, sequence: number, value: string | Handle];

export class CraftedTable {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Adds a block as it is told: the keys need not ascend. */
  block(...entries: readonly CraftedEntry[]): Handle {
    const builder = new BlockBuilder();
    for (const [name, sequence, value] of entries) {
      const key = text(name);
      const bytes = typeof value === 'string' ? text(value) : handleBytes(value);
      const shared = builder.shared(key, 0, key.length);
      builder.add(key, 0, key.length, shared, sequence, KIND_PUT, bytes, 0, bytes.length);
    }
    return this.#put(builder.finish(fileSeed(DATABASE_ID, IDENTITY.fileNumber), this.#length));
  }

  /** An index block whose first key is before everything. */
  index(first: Handle, ...more: readonly CraftedEntry[]): Handle {
    return this.block(['', MAX_SEQUENCE, first], ...more);
  }

  /** The whole file: its root was put last. */
  finish(
    root: Handle,
    facts: Partial<Footer> & { smallest: string; largest: string; dataBytes: number },
  ): Uint8Array {
    const { smallest, largest, dataBytes, ...figures } = facts;
    const properties = buildProperties({
      blockBytes: 64,
      bloomBitsPerKey: 0,
      compression: 'none',
      creator: 'mini-lsm',
      dataBytes,
      smallest: text(smallest),
      largest: text(largest),
    });
    const footer: Footer = {
      root,
      filter: { offset: root.offset + root.length, length: 0 },
      properties: this.#put(properties.finish(fileSeed(DATABASE_ID, IDENTITY.fileNumber), this.#length)),
      indexHeight: 1,
      entryCount: 2,
      tombstoneCount: 0,
      keyCount: 2,
      minSequence: 5,
      maxSequence: 5,
      ...figures,
    };
    this.#put(encodeFooter(footer, IDENTITY, this.#length));
    return Buffer.concat(this.#parts);
  }

  #put(bytes: Uint8Array): Handle {
    const handle = { offset: this.#length, length: bytes.length };
    this.#parts.push(bytes.slice());
    this.#length += bytes.length;
    return handle;
  }
}

function handleBytes({ offset, length }: Handle): Uint8Array {
  const bytes = new Uint8Array(12);
  writeU64(bytes, 0, offset);
  writeU32(bytes, 8, length);
  return bytes;
}
