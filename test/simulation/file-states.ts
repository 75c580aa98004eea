/**
 * What may be on the disk of a file that was not synced. Its size is one that it had since the last sync, or
 * lies at the edge of a block between two of them. Each block has what some of the appends to it have brought, the
 * first so many; where nothing was written the space reads as zeros, or as garbage. Bytes that were synced,
 * and bytes outside of the appends, are what they were.
 */
import { Random } from '../support/random.ts';
import { FileImage } from './disk-image.ts';
import type { Append, FileNode } from './nodes.ts';

/** What a disk writes as a whole or not at all, bytes. */
export const BLOCK_BYTES = 512;

/** Space that was added to a file and not written reads as this: zeros for undefined, else seeded garbage. */
export type Fill = number | undefined;

/** A block that unsynced appends have touched. */
export interface PendingBlock {
  readonly start: number;
  /** The appends that touch it, oldest first. The disk has the first so many. */
  readonly appends: readonly Append[];
}

/** A file whose size or bytes on the disk are open. */
export class FileStates {
  readonly file: FileNode;
  /** Ascending. */
  readonly sizes: readonly number[];
  readonly blocks: readonly PendingBlock[];
  readonly #undecided: readonly Append[];

  constructor(file: FileNode) {
    this.file = file;
    this.#undecided = file.undecided;
    this.sizes = possibleSizes(file, this.#undecided);
    this.blocks = pendingBlocks(this.#undecided);
  }

  /** The file with one of its sizes, and of each block the first so many appends. */
  image(size: number, versions: readonly number[], fill: Fill): FileImage {
    const now = this.file.image();
    if (
      size === now.bytes.length &&
      versions.every((version, i) => version === this.blocks[i].appends.length)
    ) {
      return now;
    }
    const bytes = new Uint8Array(size);
    bytes.set(now.bytes.subarray(0, size));
    for (const { start, end } of this.#undecided) fillUp(bytes.subarray(start, end), start, fill);
    for (const [i, { start, appends }] of this.blocks.entries()) {
      for (const append of appends.slice(0, versions[i])) {
        const from = Math.max(start, append.start);
        const to = Math.min(start + BLOCK_BYTES, append.end, size);
        if (from < to) bytes.set(now.bytes.subarray(from, to), from);
      }
    }
    return new FileImage(bytes);
  }
}

function possibleSizes(file: FileNode, undecided: readonly Append[]): number[] {
  const sizes = new Set([file.syncedLength]);
  for (const { start, end } of undecided) {
    for (let edge = nextEdge(start); edge < end; edge += BLOCK_BYTES) sizes.add(edge);
    sizes.add(end);
  }
  return [...sizes].filter((size) => size >= file.syncedLength && size <= file.length).sort((a, b) => a - b);
}

function pendingBlocks(undecided: readonly Append[]): PendingBlock[] {
  const blocks = new Map<number, Append[]>();
  for (const append of undecided) {
    const first = append.start - (append.start % BLOCK_BYTES);
    for (let start = first; start < append.end; start += BLOCK_BYTES) {
      const appends = blocks.get(start);
      if (appends === undefined) blocks.set(start, [append]);
      else appends.push(append);
    }
  }
  return Array.from(blocks, ([start, appends]) => ({ start, appends }));
}

function nextEdge(offset: number): number {
  return offset - (offset % BLOCK_BYTES) + BLOCK_BYTES;
}

function fillUp(bytes: Uint8Array, offset: number, fill: Fill): void {
  if (fill === undefined) {
    bytes.fill(0);
    return;
  }
  const random = new Random(fill + offset);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
}
