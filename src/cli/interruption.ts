/**
 * Ctrl-C, asked once and politely: the work in hand is finished, the database closed, and the command
 * ends. The handler goes away with the first signal, so that a second one kills the process even in the
 * middle of a long call of the engine.
 */

/** Thrown into work that waits when the person asked to stop. */
export class Interrupted extends Error {
  override readonly name: string = 'Interrupted';

  constructor() {
    super('interrupted');
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Interruption {
  readonly #controller = new AbortController();
  readonly #ask = (): void => {
    this.dispose();
    this.#controller.abort(new Interrupted());
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#ask);
  }

  get requested(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Aborted, with an {@link Interrupted} as the reason, when the person asks to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Lets a signal that has arrived be noticed: the engine is synchronous and never yields by itself. */
  async turn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Like {@link turn}, and throws if the person asked to stop. */
  async check(): Promise<void> {
    await this.turn();
    if (this.requested) throw new Interrupted();
  }

  /** Gives the signals their usual meaning back. Idempotent. */
  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.#ask);
  }
}
