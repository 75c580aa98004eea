/**
 * Fails a test file that leaves something open: a descriptor, a worker thread, a timer or another handle that
 * keeps the process alive. To be called once at the top of a file, before anything is opened.
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';

/** How long threads that were told to end may take for it, milliseconds. */
const PATIENCE = 10_000;

/** A state that can be compared with a later one. */
export class OpenThings {
  readonly #descriptors = new Set(openDescriptors());
  readonly #handles = countByName(process.getActiveResourcesInfo());
  readonly #workers: Worker[] = [];
  readonly #onWorker = (worker: Worker): void => {
    this.#workers.push(worker);
  };

  constructor() {
    process.on('worker', this.#onWorker);
  }

  /** What is open now and was not at the start. */
  leftovers(): string[] {
    const found = openDescriptors().filter((descriptor) => !this.#descriptors.has(descriptor));
    const threads = this.#workers.filter(({ threadId }) => threadId !== -1);
    found.push(...threads.map(({ threadId }) => `worker thread ${threadId}`));
    for (const [name, count] of countByName(process.getActiveResourcesInfo())) {
      // The wait of this very check is a handle too.
      const more = name === 'Immediate' ? 0 : count - (this.#handles.get(name) ?? 0);
      if (more > 0) found.push(`${more} of ${name}`);
    }
    return found;
  }

  /** Waits for threads that are about to end, and asserts that nothing is left. */
  async assertNothingLeft(): Promise<void> {
    const deadline = process.uptime() * 1000 + PATIENCE;
    // A thread is announced, and its end is noticed, by the event loop.
    do await setImmediate();
    while (this.leftovers().length > 0 && process.uptime() * 1000 < deadline);
    process.removeListener('worker', this.#onWorker);
    assert.deepEqual(this.leftovers(), [], 'everything is closed');
  }
}

/** Checks the whole file that calls this, after its last test. */
export function failOnLeaks(): void {
  const before = new OpenThings();
  after(() => before.assertNothingLeft());
}

/** Every descriptor with what it leads to; nothing where the system does not show them. */
function openDescriptors(): string[] {
  let numbers: string[];
  try {
    numbers = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  return numbers.flatMap((number) => {
    try {
      return `descriptor ${number} of ${readlinkSync(`/proc/self/fd/${number}`)}`;
    } catch {
      return []; // the listing's own
    }
  });
}

function countByName(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
