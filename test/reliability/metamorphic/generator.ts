/** Draws a list of operations at random: the same for the same seed. */
import { Random } from '../../support/random.ts';
import { KeyPool } from './key-pool.ts';
import {
  type Ends,
  type FaultyOperation,
  type Key,
  type Move,
  type Operation,
  Value,
  type Walk,
  type Write,
  type WriteOperation,
} from './operations.ts';

/** What lists differ in beyond their operations. */
interface Character {
  /** How many keys there are: few meet often, many make a deep tree. */
  readonly keys: number;
  readonly longest: boolean;
  /** One in so many operations is a restart. */
  readonly restartEvery: number;
  /** Out of 32 values so many are large. */
  readonly large: number;
}

const KEYS = [40, 100, 400];
const RESTARTS = [200, 1000, 4000];
const LARGE = [0, 0, 1, 2];

/** The first seeds walk through what there is. */
function characterOf(seed: number): Character {
  return {
    keys: KEYS[seed % KEYS.length],
    longest: seed % 20 === 4,
    restartEvery: RESTARTS[Math.floor(seed / KEYS.length) % RESTARTS.length],
    large: LARGE[seed % LARGE.length],
  };
}

export interface OperationList {
  readonly pool: KeyPool;
  readonly operations: readonly Operation[];
}

export function operationList(seed: number, count: number): OperationList {
  const character = characterOf(seed);
  const pool = new KeyPool(character.keys, character.longest);
  const generator = new Generator(new Random(seed), pool, character);
  return { pool, operations: Array.from({ length: count }, () => generator.next()) };
}

type Maker = () => Operation;

class Generator {
  readonly #random: Random;
  readonly #pool: KeyPool;
  readonly #character: Character;
  readonly #usual: Choice;
  readonly #restarts: Choice;
  #tag = 1;

  constructor(random: Random, pool: KeyPool, character: Character) {
    this.#random = random;
    this.#pool = pool;
    this.#character = character;
    this.#usual = new Choice([
      [330, () => this.#write('one by one', [this.#put()])],
      [90, () => this.#write('one by one', [this.#delete()])],
      [30, () => this.#write('batch', this.#writes(10))],
      [15, () => this.#write('chain', this.#writes(10))],
      [
        12,
        () =>
          this.#write(
            'one by one',
            this.#run(5 + this.#below(56), () => this.#value(true)),
          ),
      ],
      [
        8,
        () =>
          this.#write(
            'one by one',
            this.#run(3 + this.#below(40), () => null),
          ),
      ],
      [3, () => ({ kind: 'clear', walk: this.#walk() })],
      [110, () => ({ kind: 'get', key: this.#key(), ...this.#live() })],
      [30, () => ({ kind: 'get at once', key: this.#key(), ...this.#live() })],
      [30, () => ({ kind: 'has', key: this.#key(), ...this.#live() })],
      [10, () => ({ kind: 'get many', keys: this.#keys(), ...this.#live() })],
      [5, () => ({ kind: 'has many', keys: this.#keys(), ...this.#live() })],
      [30, () => ({ kind: 'scan', what: 'entries', walk: this.#walk() })],
      [8, () => ({ kind: 'scan', what: 'keys', walk: this.#walk() })],
      [8, () => ({ kind: 'scan', what: 'values', walk: this.#walk() })],
      [15, () => ({ kind: 'iterator', walk: this.#walk() })],
      [40, () => ({ kind: 'read', iterator: this.#held(), how: 'next', count: 1 + this.#below(5) })],
      [10, () => ({ kind: 'read', iterator: this.#held(), how: 'nextv', count: 1 + this.#below(20) })],
      [3, () => ({ kind: 'read', iterator: this.#held(), how: 'all', count: 0 })],
      [15, () => ({ kind: 'seek', iterator: this.#held(), key: this.#key() })],
      [10, () => ({ kind: 'close iterator', iterator: this.#held() })],
      [12, () => ({ kind: 'cursor', ends: this.#ends(), ...this.#live() })],
      [60, () => ({ kind: 'move', cursor: this.#held(), moves: this.#moves() })],
      [8, () => ({ kind: 'close cursor', cursor: this.#held() })],
      [14, () => ({ kind: 'snapshot' })],
      [11, () => ({ kind: 'close snapshot', live: this.#held() })],
      [3, () => ({ kind: 'flush' })],
      [1.5, () => ({ kind: 'compact', ends: this.#ends() })],
      [6, () => ({ kind: 'sync' })],
      [4, () => ({ kind: 'approximate size', from: this.#key(), to: this.#key() })],
      [1, () => ({ kind: 'stats' })],
      [0.7, () => ({ kind: 'verify' })],
      [0.4, () => ({ kind: 'checkpoint' })],
      [2, () => ({ kind: 'examine' })],
    ]);
    this.#restarts = new Choice([
      [4, () => ({ kind: 'reopen' })],
      [4, () => ({ kind: 'kill' })],
      [4, () => ({ kind: 'power cut', seed: this.#below(2 ** 31) })],
      [4, () => this.#fault()],
      [1, () => ({ kind: 'repair', what: this.#random.oneIn(2) ? 'whole' : 'without CURRENT' })],
    ]);
  }

  next(): Operation {
    const isRestart = this.#random.oneIn(this.#character.restartEvery);
    return (isRestart ? this.#restarts : this.#usual).draw(this.#random)();
  }

  #write(how: WriteOperation['how'], writes: Write[]): WriteOperation {
    return { kind: 'write', how, writes, sync: this.#random.oneIn(12) };
  }

  #writes(most: number): Write[] {
    const count = this.#below(most + 1);
    return Array.from({ length: count }, () => (this.#random.oneIn(4) ? this.#delete() : this.#put()));
  }

  /** Keys that follow each other. */
  #run(count: number, value: () => Value | null): Write[] {
    const first = this.#key();
    return Array.from({ length: count }, (_, i): Write => {
      const key = (first + i) % this.#pool.keys.length;
      return this.#pool.bytes(key).length > 10_000 ? [key, null] : [key, value()];
    });
  }

  /** The longest keys are there now and then only: each is worth a thousand others. */
  #put(): Write {
    const key = this.#key();
    const isLongest = this.#pool.bytes(key).length > 10_000;
    return isLongest && !this.#random.oneIn(50) ? [key, null] : [key, this.#value()];
  }

  #delete(): Write {
    return [this.#key(), null];
  }

  /** Empty, small, a few hundred bytes, a few thousand, and now and then larger than the usual memtable. */
  #value(small = false): Value {
    const kind = this.#below(32);
    let size = 1 + this.#below(40);
    if (kind < 4) size = 0;
    else if (kind < 8) size = 100 + this.#below(200);
    else if (!small && kind - 8 < this.#character.large) {
      size = this.#random.oneIn(20) ? 17_000 + this.#below(20_000) : 1000 + this.#below(5000);
    }
    return new Value(this.#tag++, size);
  }

  #fault(): Operation {
    const within: FaultyOperation[] = Array.from({ length: 1 + this.#below(6) }, () => {
      if (this.#random.oneIn(3)) return { kind: this.#random.oneIn(3) ? 'sync' : 'flush' };
      return this.#write('batch', this.#writes(4));
    });
    const fault = {
      at: 1 + this.#below(this.#random.oneIn(2) ? 4 : 20),
      when: this.#oneOf('before', 'after', 'half'),
      errno: this.#oneOf('EIO', 'ENOSPC'),
      forever: this.#random.oneIn(3),
    } as const;
    return { kind: 'fault', fault, within };
  }

  #walk(): Walk {
    return {
      ends: this.#ends(),
      reverse: this.#random.oneIn(2),
      ...(this.#random.oneIn(2) ? {} : { limit: this.#below(20) - 1 }),
      ...(this.#random.oneIn(4) ? { fillCache: this.#random.oneIn(2) } : {}),
      ...this.#live(),
    };
  }

  #ends(): Ends {
    const ends: { gt?: Key; gte?: Key; lt?: Key; lte?: Key } = {};
    if (this.#random.oneIn(8)) return ends;
    // Mostly a range that holds something.
    const [from, to] = [this.#key(), this.#key()].sort((a, b) => (this.#random.oneIn(10) ? b - a : a - b));
    if (this.#random.oneIn(2)) ends[this.#oneOf('gt', 'gte')] = from;
    if (this.#random.oneIn(2)) ends[this.#oneOf('lt', 'lte')] = to;
    if (this.#random.oneIn(10)) ends[this.#oneOf('gt', 'gte', 'lt', 'lte')] = this.#key();
    return ends;
  }

  #moves(): Move[] {
    return Array.from({ length: 1 + this.#below(8) }, () => {
      const kind = this.#below(16);
      if (kind < 6) return 'next';
      if (kind < 11) return 'prev';
      if (kind === 11) return 'first';
      if (kind === 12) return 'last';
      return this.#random.oneIn(2) ? { seek: this.#key() } : { seekBack: this.#key() };
    });
  }

  /** The latest state most of the time, so that reads notice writes. */
  #live(): { live?: number } {
    return this.#random.oneIn(3) ? { live: this.#held() } : {};
  }

  #held(): number {
    return this.#below(6);
  }

  #keys(): Key[] {
    return Array.from({ length: this.#below(8) }, () => this.#key());
  }

  #key(): Key {
    return this.#below(this.#pool.keys.length);
  }

  #oneOf<Option>(...options: Option[]): Option {
    return options[this.#below(options.length)];
  }

  #below(bound: number): number {
    return this.#random.below(bound);
  }
}

/** Draws by weight. */
class Choice {
  readonly #makers: Maker[] = [];
  /** Up to where each one's share goes, in thousandths. */
  readonly #ends: number[] = [];

  constructor(weighted: readonly (readonly [weight: number, make: Maker])[]) {
    let end = 0;
    for (const [weight, make] of weighted) {
      end += weight * 1000;
      this.#ends.push(end);
      this.#makers.push(make);
    }
  }

  draw(random: Random): Maker {
    const drawn = random.below(this.#ends[this.#ends.length - 1]);
    return this.#makers[this.#ends.findIndex((end) => drawn < end)];
  }
}
