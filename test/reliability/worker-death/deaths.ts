/**
 * Lets worker threads die at chosen points: in the place of each worker that is started there is one that
 * counts the points at which a job can be seen from outside (every call of the file system, every look for
 * messages, every answer) and ends at one of them. The engine knows nothing of it.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker, WorkerOptions } from 'node:worker_threads';

/**
 * How a worker dies: by `process.exit`, by an error that nobody catches, out of memory, or because somebody
 * terminates it, for which the event loop has to turn.
 */
export type Manner = 'exit' | 'throw' | 'memory' | 'terminate';

export interface Death {
  /** At which point, counted from 1; 0 for never. */
  readonly point: number;
  readonly manner: Manner;
}

export const MANNERS: readonly Manner[] = ['exit', 'throw', 'memory', 'terminate'];

/** Words of the memory that is shared with the workers. */
export const POINT = 0;
export const MANNER = 1;
export const PASSED = 2;

/** What a worker of ours is told beside what the engine tells it. */
export interface Told {
  readonly script: string;
  readonly words: Int32Array;
}

const threads: { Worker: typeof Worker } = createRequire(import.meta.url)('node:worker_threads');

interface Started {
  readonly worker: Worker;
  readonly words: Int32Array;
  readonly exit: Promise<void>;
}

/** The workers that are started while it is in charge, the n-th of them with the n-th death. */
export class MortalWorkers {
  readonly #deaths: readonly Death[];
  readonly #started: Started[] = [];

  constructor(deaths: readonly Death[]) {
    this.#deaths = deaths;
  }

  /** How many workers were started. */
  get count(): number {
    return this.#started.length;
  }

  /** How many of them died as they should. */
  get died(): number {
    return this.#started.filter(({ words }, i) => {
      const point = this.#deaths[i]?.point ?? 0;
      return point > 0 && Atomics.load(words, PASSED) >= point;
    }).length;
  }

  /** How many points the first worker has passed. */
  get points(): number {
    return this.#started.length === 0 ? 0 : Atomics.load(this.#started[0].words, PASSED);
  }

  /** Runs something with these workers, and waits until all of them have ended. */
  async inCharge<Result>(work: () => Promise<Result>): Promise<Result> {
    const original = threads.Worker;
    const start = (script: URL, options: WorkerOptions): Worker => this.#start(original, script, options);
    threads.Worker = new Proxy(original, {
      construct: (_target, [script, options]: [URL, WorkerOptions]) => start(script, options),
    });
    syncBuiltinESMExports();
    try {
      return await work();
    } finally {
      threads.Worker = original;
      syncBuiltinESMExports();
      for (const { worker } of this.#started) worker.ref();
      await Promise.all(this.#started.map(({ exit }) => exit));
    }
  }

  #start(original: typeof Worker, script: URL, options: WorkerOptions): Worker {
    const words = new Int32Array(new SharedArrayBuffer(12));
    const { point, manner } = this.#deaths[this.#started.length] ?? { point: 0, manner: 'exit' };
    words[POINT] = point;
    words[MANNER] = MANNERS.indexOf(manner);
    const told: Told = { script: script.href, words };
    const worker = new original(new URL('mortal-worker.js', import.meta.url), {
      ...options,
      workerData: { ...options.workerData, told },
      resourceLimits: manner === 'memory' ? { maxOldGenerationSizeMb: 16 } : {},
      stderr: true, // what is said of a lack of memory
    });
    const exit = new Promise<void>((resolve) => {
      // The engine takes all listeners away when it gives a worker up: these are ours.
      const ours = { message: () => void worker.terminate(), exit: () => resolve() };
      worker.on('message', ours.message);
      worker.on('exit', ours.exit);
      const { removeAllListeners } = worker;
      worker.removeAllListeners = (...events) => {
        removeAllListeners.apply(worker, events);
        if (events.length === 0) worker.on('message', ours.message).on('exit', ours.exit);
        return worker;
      };
    });
    this.#started.push({ worker, words, exit });
    return worker;
  }
}
