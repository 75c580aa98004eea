/** Adds up the time between starts and stops: of the wall, and of the processor in all threads. */

export interface Measurement {
  readonly operations: number;
  readonly milliseconds: number;
  /** Processor time of the whole process meanwhile, its background threads included. */
  readonly cpuMilliseconds: number;
}

export class Clock {
  #milliseconds = 0;
  #cpuMicroseconds = 0;
  #begin = 0;
  #cpuBegin = process.cpuUsage();

  start(): void {
    this.#cpuBegin = process.cpuUsage();
    this.#begin = performance.now();
  }

  stop(): void {
    this.#milliseconds += performance.now() - this.#begin;
    const { user, system } = process.cpuUsage(this.#cpuBegin);
    this.#cpuMicroseconds += user + system;
  }

  measurement(operations: number): Measurement {
    return {
      operations,
      milliseconds: this.#milliseconds,
      cpuMilliseconds: this.#cpuMicroseconds / 1000,
    };
  }
}
