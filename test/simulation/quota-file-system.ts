/**
 * A layer with room for so many bytes of files. A write that does not fit puts as much on the disk as does,
 * and fails: a full disk takes a part of a write. Room comes back when a file loses its last name (open or
 * not, which is earlier than on a real disk), and when somebody raises the quota.
 */
import type { LsmError } from '../../src/errors.ts';
import type { FileSystem, WritableFile } from '../../src/fs/file-system.ts';
import { translateError } from '../../src/fs/node-errors.ts';
import { Layer } from './layer.ts';

/** What is known of one file, which may have several names. */
interface Room {
  bytes: number;
  names: number;
}

export class QuotaFileSystem extends Layer {
  /** Bytes that files may have in all. Names and directories cost nothing. */
  quota: number;
  /** The errors of writes that were refused, whole or in part. */
  readonly refused: LsmError[] = [];
  /** The most bytes that were ever taken. */
  peak = 0;
  #used = 0;
  /** Files that were written through this layer, by path. */
  readonly #files = new Map<string, Room>();

  constructor(inner: FileSystem, quota: number = Infinity) {
    super(inner);
    this.quota = quota;
  }

  /** Bytes of the files that were written here and still have a name. */
  get used(): number {
    return this.#used;
  }

  override createFile(path: string): WritableFile {
    const file = super.createFile(path);
    const room: Room = { bytes: 0, names: 1 };
    this.#files.set(path, room);
    const append = file.append.bind(file);
    const sync = file.sync.bind(file);
    const startSync = file.startSync.bind(file);
    let failure: LsmError | undefined;
    const checkUsable = (): void => {
      if (failure !== undefined) throw failure;
    };
    file.append = (bytes, start = 0, length = bytes.length - start) => {
      checkUsable();
      const taken = Math.max(0, Math.min(length, this.quota - this.#used));
      append(bytes, start, taken);
      room.bytes += taken;
      if (room.names > 0) this.#take(taken);
      if (taken < length) failure = this.#refuse(path, file.size);
      checkUsable();
    };
    file.sync = () => {
      checkUsable();
      sync();
    };
    file.startSync = async () => {
      checkUsable();
      await startSync();
    };
    return file;
  }

  override rename(from: string, to: string): void {
    super.rename(from, to);
    const moved = this.#files.get(from);
    this.#forget(to);
    this.#files.delete(from);
    if (moved !== undefined) this.#files.set(to, moved);
  }

  override link(from: string, to: string): boolean {
    const linked = super.link(from, to);
    const room = this.#files.get(from);
    if (linked && room !== undefined) {
      room.names += 1;
      this.#files.set(to, room);
    }
    return linked;
  }

  override remove(path: string): void {
    super.remove(path);
    this.#forget(path);
  }

  #take(bytes: number): void {
    this.#used += bytes;
    this.peak = Math.max(this.peak, this.#used);
  }

  #forget(path: string): void {
    const room = this.#files.get(path);
    this.#files.delete(path);
    if (room === undefined) return;
    room.names -= 1;
    if (room.names === 0) this.#used -= room.bytes;
  }

  #refuse(path: string, offset: number): LsmError {
    const cause = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const error = translateError(cause, 'append to', path, 'write', offset);
    this.refused.push(error);
    return error;
  }
}
