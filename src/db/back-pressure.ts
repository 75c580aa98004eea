/**
 * Keeps writers from outrunning flushes and compactions: first it slows them down, later it makes them wait.
 * Every delay and every stop is counted with its reason and the time it cost. Nothing spins: a waiting
 * writer sleeps until a job answers.
 */
import { monotonicMilliseconds } from '#platform';
import type { Core } from './core.ts';
import type { StallReason } from './counters.ts';
import type { Maintenance } from './maintenance.ts';

/** A delay shorter than this is saved up: sleeping itself takes about a tenth of it. */
const SHORTEST_DELAY = 1;

export class BackPressure {
  readonly #core: Core;
  readonly #maintenance: Maintenance;
  /** Milliseconds that slowed-down writers owe. */
  #owed = 0;

  constructor(core: Core, maintenance: Maintenance) {
    this.#core = core;
    this.#maintenance = maintenance;
  }

  /** Lets a write of so many bytes in when the tree is ready for it. */
  admit(bytes: number): void {
    const { options, view } = this.#core;
    const l0Files = view.version.levels[0].length;
    const pendingBytes = this.#maintenance.pendingBytes;
    if (l0Files < options.l0SlowdownFiles && pendingBytes < options.slowdownPendingBytes) return;

    if (l0Files >= options.l0StopFiles) {
      this.#stop('l0-files', 'merge', () => this.#core.view.version.levels[0].length < options.l0StopFiles);
    } else if (pendingBytes >= options.stopPendingBytes) {
      this.#stop(
        'pending-compaction',
        'merge',
        () => this.#maintenance.pendingBytes < options.stopPendingBytes,
      );
    } else {
      this.#delay(l0Files >= options.l0SlowdownFiles ? 'l0-files' : 'pending-compaction', bytes);
    }
  }

  /** Waits until another memtable may be frozen. */
  awaitFrozenSlot(): void {
    const { maxFrozenMemtables } = this.#core.options;
    if (this.#core.view.frozenCount < maxFrozenMemtables) return;
    this.#maintenance.collect();
    if (this.#core.view.frozenCount < maxFrozenMemtables) return;
    this.#stop('memtables', 'flush', () => this.#core.view.frozenCount < maxFrozenMemtables);
  }

  #stop(reason: StallReason, work: 'flush' | 'merge', over: () => boolean): void {
    const stall = this.#core.counters.stalls[reason];
    const start = monotonicMilliseconds();
    stall.stops += 1;
    try {
      this.#maintenance.waitUntil(over, work);
    } finally {
      stall.milliseconds += monotonicMilliseconds() - start;
    }
  }

  #delay(reason: StallReason, bytes: number): void {
    this.#owed += (bytes * 1000) / this.#core.options.slowdownBytesPerSecond;
    if (this.#owed < SHORTEST_DELAY) return;
    if (!this.#maintenance.isBusy) {
      this.#owed = 0; // nothing runs that the delay could help
      return;
    }
    const stall = this.#core.counters.stalls[reason];
    const start = monotonicMilliseconds();
    this.#maintenance.waitBriefly(this.#owed);
    this.#owed = 0;
    stall.delays += 1;
    stall.milliseconds += monotonicMilliseconds() - start;
  }
}
