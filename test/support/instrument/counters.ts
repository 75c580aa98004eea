/** The counters of all counted modules of a thread, side by side in one array, and what they allocate. */
import { ATTACH, METERED, STEP_LIMIT } from './contract.ts';

/** Room for the counters of all modules that are ever counted at once. */
const MOST_COUNTERS: number = 2 ** 16;

export interface CountedModule {
  /** As its code was instrumented under. */
  readonly path: string;
  readonly start: number;
  readonly length: number;
}

/** A counter went beyond what any run that ends needs. */
export class EndlessRun extends Error {
  override readonly name: string = 'EndlessRun';

  constructor() {
    super(`one place was passed more than ${STEP_LIMIT} times`);
  }
}

export class Counters {
  readonly hits: Uint32Array = new Uint32Array(MOST_COUNTERS);
  readonly modules: CountedModule[] = [];
  /** Bytes of all arrays that counted modules made; set it to 0 when a run begins. */
  allocated = 0;
  #used = 0;

  /** Makes these the counters of every counted module that is loaded from now on. */
  install(): this {
    const stop = (): never => {
      throw new EndlessRun();
    };
    const constructors = this.#meteredConstructors();
    const attach = (path: string, length: number): object => {
      const start = this.#used;
      this.#used += length;
      if (this.#used > MOST_COUNTERS) throw new Error('there is no room for so many counters');
      this.modules.push({ path, start, length });
      return { hits: this.hits.subarray(start, this.#used), stop, ...constructors };
    };
    Object.assign(globalThis, { [ATTACH]: attach });
    return this;
  }

  #meteredConstructors(): Record<string, unknown> {
    const meter = this;
    const metered = (name: string): unknown => {
      const Native = (globalThis as unknown as Record<string, Constructor>)[name];
      const width = 'BYTES_PER_ELEMENT' in Native ? (Native.BYTES_PER_ELEMENT as number) : 1;
      function Metered(source: unknown, start?: number, length?: number): object {
        if (typeof source === 'number') meter.allocated += source * width;
        return start === undefined ? new Native(source) : new Native(source, start, length);
      }
      Object.setPrototypeOf(Metered, Native);
      Metered.prototype = Native.prototype;
      // `from` and `of` make what they are called on.
      for (const maker of ['from', 'of']) {
        const make = Native[maker];
        if (typeof make === 'function') Object.assign(Metered, { [maker]: make.bind(Native) });
      }
      return Metered;
    };
    return Object.fromEntries(METERED.map((name) => [name, metered(name)]));
  }
}

interface Constructor {
  new (source: unknown, start?: number, length?: number): object;
  readonly [name: string]: unknown;
}
