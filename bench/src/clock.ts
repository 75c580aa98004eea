/** Adds up the time between starts and stops: of the wall, and of the processor in all threads of the process. */
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

  get milliseconds(): number {
    return this.#milliseconds;
  }

  get cpuMilliseconds(): number {
    return this.#cpuMicroseconds / 1000;
  }
}
