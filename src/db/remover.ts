/**
 * Removes files that nothing needs any more, where the jobs run: it takes the system some milliseconds to take back
 * the pages of a table, and a compaction makes twenty of them superfluous at once. A write that installed one had to
 * wait for all of that, up to 0.2 s.
 */
import type { Executor } from '../background/executor.ts';
import type { JobAnswer } from '../background/job.ts';
import { LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';

export class Remover {
  readonly #fs: FileSystem;
  readonly #executor: Executor;
  readonly #running = new Map<number, string>();
  /** Files that could not be removed yet; the next open would find them as orphans. */
  #leftovers: string[] = [];
  /** Counts downwards: the numbers of other jobs are positive. */
  #lastJob = 0;

  constructor(fs: FileSystem, executor: Executor) {
    this.#fs = fs;
    this.#executor = executor;
  }

  /** Whether removals are under way. */
  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** Removes a file, if it is there; if that fails, it is tried again later. */
  remove(path: string): void {
    this.#lastJob -= 1;
    this.#running.set(this.#lastJob, path);
    this.#executor.submit({ kind: 'remove', id: this.#lastJob, path });
  }

  /** Takes an answer, if it is one to a removal. */
  accept({ id, outcome }: JobAnswer): boolean {
    const path = this.#running.get(id);
    if (path === undefined) return false;
    this.#running.delete(id);
    if (outcome instanceof LsmError) this.#leftovers.push(path);
    return true;
  }

  /** Tries again what failed. */
  retry(): void {
    const paths = this.#leftovers;
    if (paths.length === 0) return;
    this.#leftovers = [];
    for (const path of paths) this.remove(path);
  }

  /** Tries once more what failed, on this thread: no other is there any more. Never throws. */
  finish(): void {
    for (const path of this.#leftovers) {
      try {
        this.#fs.remove(path);
      } catch {
        // It was removed after all, or the next open does it.
      }
    }
    this.#leftovers = [];
  }
}
