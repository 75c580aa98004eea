/**
 * Files and directories of the simulated disk: what programs see of them now, and what of that is on the
 * disk for good.
 */
import { FileImage } from './disk-image.ts';

export type Node = FileNode | DirectoryNode;

/** One append, of which the disk may have any part. */
export interface Append {
  /** When it was issued, among all operations. */
  readonly sequence: number;
  /** The bytes `[start, end)` of the file. */
  readonly start: number;
  readonly end: number;
}

const FIRST_CAPACITY_BYTES = 512;

/**
 * Files are only ever appended to. So a view of the first bytes of `#bytes` stays what it is, and images of
 * all states of a file can share them.
 */
export class FileNode {
  #bytes: Uint8Array;
  #length: number;
  /** Where the next append goes: beyond the end, if a failed sync took bytes away. */
  #position: number;
  /** The least size that the file has on the disk. */
  #synced: number;
  /** Since the last sync, oldest first. */
  #unsynced: Append[] = [];
  /** What a failed sync gave up: no later sync brings it to the disk. */
  readonly #dropped: Append[] = [];
  #image: FileImage | undefined;
  /** The operation that gave it its first name; 0 for a file that was there from the start. */
  createdBy = 0;

  constructor(image?: FileImage) {
    this.#image = image;
    this.#bytes = image?.bytes ?? new Uint8Array(0);
    this.#length = this.#bytes.length;
    this.#position = this.#length;
    this.#synced = this.#length;
  }

  get length(): number {
    return this.#length;
  }

  get syncedLength(): number {
    return this.#synced;
  }

  /** All appends that the disk may have or not have, oldest first. */
  get undecided(): readonly Append[] {
    return this.#dropped.length === 0 ? this.#unsynced : [...this.#dropped, ...this.#unsynced];
  }

  append(sequence: number, from: Uint8Array, start: number, length: number): void {
    const end = this.#position + length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(from.subarray(start, start + length), this.#position);
    this.#unsynced.push({ sequence, start: this.#position, end });
    this.#position = end;
    this.#length = end;
    this.#image = undefined;
  }

  /** The bytes below `end`, and the size that they make, are on the disk from here on. */
  sync(end: number = this.#length): void {
    this.#unsynced = this.#unsynced.filter((append) => append.end > end);
    this.#synced = Math.max(this.#synced, Math.min(end, this.#length));
  }

  /** Gives up what is not synced. `revert` takes it out of sight too. */
  dropUnsynced(revert: boolean): void {
    const dropped = this.#unsynced;
    this.#unsynced = [];
    if (!revert) {
      this.#dropped.push(...dropped);
      return;
    }
    // In bytes of its own: images share the old ones.
    const kept = this.#bytes.slice(0, this.#synced);
    this.#bytes = kept;
    this.#length = this.#synced;
    this.#image = undefined;
  }

  copyTo(into: Uint8Array, start: number, length: number, position: number): void {
    into.set(this.#bytes.subarray(position, position + length), start);
  }

  /** The file as programs see it, or the first bytes of that. */
  image(length: number = this.#length): FileImage {
    if (length < this.#length) return new FileImage(this.#bytes.subarray(0, length));
    this.#image ??= new FileImage(this.#bytes.subarray(0, this.#length));
    return this.#image;
  }

  #grow(least: number): void {
    const grown = new Uint8Array(Math.max(least, this.#bytes.length * 2, FIRST_CAPACITY_BYTES));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

export class DirectoryNode {
  /** As programs see it. */
  readonly entries: Map<string, Node> = new Map();
  /** As it is on the disk without any of the pending changes. */
  readonly durable: Map<string, Node> = new Map();
}
