/**
 * Keeps writers from outrunning flushes and compactions: first it slows them down, later it makes them wait.
 * Every delay and every stop is counted with its reason and the time it cost. Nothing spins: a waiting
 * writer sleeps until a job answers.
 *
 * What a writer has to wait for comes as steps; undefined, which is the rule, means that it can go on.
 */
import { monotonicMilliseconds } from '#platform';
import { tellOfStall } from './channels.ts';
import type { Core } from './core.ts';
import type { StallReason } from './counters.ts';
import type { StallEvent } from './events.ts';
import type { Maintenance } from './maintenance.ts';
import type { Steps, Wait } from './steps.ts';

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

  /** What a write of so many bytes has to wait for before the tree is ready for it. */
  admission(bytes: number): Steps | undefined {
    const { options, view } = this.#core;
    const l0Files = view.version.levels[0].length;
    const pendingBytes = this.#maintenance.pendingBytes;
    if (l0Files < options.l0SlowdownFiles && pendingBytes < options.slowdownPendingBytes) return undefined;

    if (l0Files >= options.l0StopFiles) {
      return this.#stop(
        'l0-files',
        'merge',
        () => this.#core.view.version.levels[0].length < options.l0StopFiles,
      );
    }
    if (pendingBytes >= options.stopPendingBytes) {
      return this.#stop(
        'pending-compaction',
        'merge',
        () => this.#maintenance.pendingBytes < options.stopPendingBytes,
      );
    }
    return this.#delay(l0Files >= options.l0SlowdownFiles ? 'l0-files' : 'pending-compaction', bytes);
  }

  /** What to wait for before another memtable may be frozen. */
  frozenSlot(): Steps | undefined {
    const { maxFrozenMemtables } = this.#core.options;
    if (this.#core.view.frozenCount < maxFrozenMemtables) return undefined;
    this.#maintenance.collect();
    if (this.#core.view.frozenCount < maxFrozenMemtables) return undefined;
    return this.#stop('memtables', 'flush', () => this.#core.view.frozenCount < maxFrozenMemtables);
  }

  #stop(reason: StallReason, work: 'flush' | 'merge', over: () => boolean): Steps {
    this.#core.counters.stalls[reason].stops += 1;
    return this.#timed('stop', reason, { kind: 'until', over, work });
  }

  #delay(reason: StallReason, bytes: number): Steps | undefined {
    this.#owed += (bytes * 1000) / this.#core.options.slowdownBytesPerSecond;
    if (this.#owed < SHORTEST_DELAY) return undefined;
    const milliseconds = this.#owed;
    this.#owed = 0;
    if (!this.#maintenance.isBusy) return undefined; // nothing runs that the delay could help
    this.#core.counters.stalls[reason].delays += 1;
    return this.#timed('delay', reason, { kind: 'moment', milliseconds });
  }

  *#timed(kind: StallEvent['kind'], reason: StallReason, wait: Wait): Steps {
    const start = monotonicMilliseconds();
    try {
      yield wait;
    } finally {
      const milliseconds = monotonicMilliseconds() - start;
      this.#core.counters.stalls[reason].milliseconds += milliseconds;
      tellOfStall(this.#core.directory, kind, reason, milliseconds);
    }
  }
}
