/** Options given by callers, as hostile objects: getters, proxies, prototypes, values of every type. */
import { LsmError } from '../../../../src/errors.ts';
import { MemoryFileSystem } from '../../../../src/fs/memory-file-system.ts';
import { engineOptions } from '../../../../src/level/level-options.ts';
import { OPTION_NAMES, type ResolvedOptions, resolveOptions } from '../../../../src/options.ts';
import type { Target } from '../target.ts';
import { check } from './checks.ts';

/** Thrown by getters and traps: what a caller's own code throws comes back to the caller. */
class CallersError extends Error {}

const NAMES: readonly string[] = [
  ...OPTION_NAMES,
  'cacheSize',
  'writeBufferSize',
  'blockSize',
  'maxFileSize',
  '__proto__',
  'constructor',
  'toString',
  'memtablebytes',
];

const NUMBERS: readonly number[] = [
  0,
  1,
  2,
  4,
  24,
  1024,
  4096,
  2 ** 20,
  2 ** 30,
  2 ** 40,
  2 ** 53,
  -1,
  0.5,
  -0,
  Number.NaN,
  Infinity,
  -Infinity,
  1e308,
];

/** Reads an object out of bytes, one option after another. */
class HostileObject {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** How often each option was read. */
  readonly reads: Map<string, number> = new Map();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  make(): unknown {
    const shape = this.#next() % 12;
    if (shape === 0) return this.#value();
    const target = {};
    while (this.#at < this.#bytes.length) this.#define(target);
    if (shape === 1) return Object.create(target);
    if (shape === 2) return Object.assign(Object.create(null), target);
    if (shape === 3) return Object.freeze(target);
    if (shape === 4) return new Proxy(target, { ownKeys: () => this.#fail() });
    if (shape === 5) return new Proxy(target, { get: (_, name) => this.#count(String(name), this.#value()) });
    return target;
  }

  #define(target: object): void {
    const name = NAMES[this.#next() % NAMES.length];
    const how = this.#next() % 8;
    const value = this.#value();
    const later = this.#value();
    const get = (): unknown => {
      if (how === 0) return this.#fail();
      return this.#count(name, (this.reads.get(name) ?? 0) === 0 ? value : later);
    };
    if (how < 3) Object.defineProperty(target, name, { get, enumerable: how !== 2, configurable: true });
    else Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
  }

  #value(): unknown {
    const kind = this.#next() % 14;
    const number = NUMBERS[this.#next() % NUMBERS.length];
    const values: readonly unknown[] = [
      number,
      number,
      256 * this.#next() + this.#next(),
      undefined,
      null,
      true,
      false,
      ['worker', 'inline', 'leveled', 'simple-leveled', 'none', 'lz4', '', '1024'][number & 7],
      BigInt(Math.trunc(Number.isFinite(number) ? number : 0)),
      Symbol('option'),
      [number],
      { valueOf: () => number, toString: () => this.#fail() },
      () => number,
      new MemoryFileSystem(),
    ];
    return values[kind];
  }

  #next(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  #count<T>(name: string, value: T): T {
    this.reads.set(name, (this.reads.get(name) ?? 0) + 1);
    return value;
  }

  #fail(): never {
    throw new CallersError();
  }
}

function checkResolved(options: ResolvedOptions): void {
  check(Object.isFrozen(options), 'resolved options never change');
  check(Object.keys(options).length === OPTION_NAMES.length, 'every option has a value');
  for (const [name, value] of Object.entries(options)) {
    const isRight =
      typeof value === 'number'
        ? Number.isSafeInteger(value) && value >= 0
        : ['boolean', 'string', 'undefined', 'object'].includes(typeof value);
    check(isRight, `option ${name} has a value of its type`);
  }
  check(options.l0CompactionFiles <= options.l0SlowdownFiles, 'limits ascend');
  check(options.l0SlowdownFiles <= options.l0StopFiles, 'limits ascend');
  check(options.slowdownPendingBytes <= options.stopPendingBytes, 'limits ascend');
  const again = resolveOptions(options);
  check(JSON.stringify(again) === JSON.stringify(options), 'resolved options resolve to themselves');
}

function refuses(error: unknown): boolean {
  if (error instanceof CallersError) return true;
  return error instanceof LsmError && error.code === 'LSM_INVALID_ARGUMENT' && error.message.length < 1000;
}

/** Seeds that give each option a value: two bytes of name and how, five for each of two values. */
function seeds(): Uint8Array[] {
  const usual = NAMES.map((_, i) => Uint8Array.of(6, i, 7, 0, 5, 0, 0, 0, 5, 0, 0));
  return [Uint8Array.of(), Uint8Array.of(0, 3), ...usual];
}

const engine: Target = {
  name: 'options',
  covers: ['src/options'],
  longest: 256,
  seeds,
  refuses,
  run(bytes) {
    const hostile = new HostileObject(bytes);
    const resolved = resolveOptions(hostile.make() as object);
    for (const [name, reads] of hostile.reads) check(reads <= 1, `option ${name} is read once`);
    checkResolved(resolved);
  },
};

const level: Target = {
  name: 'level options',
  covers: ['src/level/level-options', 'src/options'],
  longest: 256,
  seeds,
  refuses,
  run(bytes) {
    const given = new HostileObject(bytes).make();
    if (typeof given !== 'object' || given === null) return; // abstract-level has refused it
    checkResolved(resolveOptions(engineOptions(given as Record<string, unknown>)));
  },
};

export const OPTION_TARGETS: readonly Target[] = [engine, level];
