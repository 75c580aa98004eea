/**
 * What clients of a database did and saw, each with the times of its call and its return, and whether it could
 * have happened one after the other: every write at one moment, whole, and every view of several keys at one.
 */
import assert from 'node:assert/strict';
import { linearize, type Specification, type Timed } from '../../support/linearizable.ts';

/** The keys that are watched, and what each of them holds. */
type Values = ReadonlyMap<string, string>;

export type Effect =
  | {
      readonly kind: 'write';
      /** Undefined: removed. */
      readonly changes: ReadonlyMap<string, string | undefined>;
      /** Whether it takes effect in the order of the calls, among the writes of which this is true. */
      readonly ordered: boolean;
    }
  | {
      readonly kind: 'view';
      /** Undefined: it was not there. */
      readonly seen: ReadonlyMap<string, string | undefined>;
    };

interface State {
  readonly values: Values;
  /** How many of the ordered writes there were. */
  readonly ordered: number;
}

interface Placed {
  readonly effect: Effect;
  /** Which of the ordered writes it is, from 1. */
  readonly place: number;
}

const DATABASE: Omit<Specification<State, Placed>, 'initial'> = {
  step: (state, { effect, place }) => {
    if (effect.kind === 'view') {
      for (const [key, value] of effect.seen) if (state.values.get(key) !== value) return undefined;
      return state;
    }
    if (effect.ordered && place !== state.ordered + 1) return undefined;
    const values = new Map(state.values);
    for (const [key, value] of effect.changes) {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    }
    return { values, ordered: state.ordered + (effect.ordered ? 1 : 0) };
  },
  isRead: ({ effect }) => effect.kind === 'view',
  keyOf: ({ values, ordered }) => `${ordered} ${[...values].sort().join()}`,
};

/** An effect that is not over yet. */
export interface Begun {
  /** It is over; a view may know what it saw only now. */
  end(): void;
}

export class History {
  readonly #initial: Values;
  readonly #effects: { effect: Effect; call: number; return: number }[] = [];
  #clock = 0;

  constructor(initial: Values) {
    this.#initial = initial;
  }

  get length(): number {
    return this.#effects.length;
  }

  begin(effect: Effect): Begun {
    this.#clock += 1;
    const entry = { effect, call: this.#clock, return: Infinity };
    this.#effects.push(entry);
    return {
      end: () => {
        this.#clock += 1;
        entry.return = this.#clock;
      },
    };
  }

  /** Takes back what had no effect. */
  withdraw(effect: Effect): void {
    const at = this.#effects.findIndex((entry) => entry.effect === effect);
    this.#effects.splice(at, 1);
  }

  assertLinearizable(): void {
    let place = 0;
    const history = this.#effects.map(({ effect, ...times }): Timed<Placed> => {
      if (effect.kind === 'write' && effect.ordered) place += 1;
      return { ...times, operation: { effect, place } };
    });
    const order = linearize({ ...DATABASE, initial: { values: this.#initial, ordered: 0 } }, history);
    assert.ok(order !== undefined, `no order explains this history:\n${this.#describe()}`);
  }

  #describe(): string {
    const lines = this.#effects.map(({ effect, call, return: end }) => {
      const pairs = effect.kind === 'write' ? effect.changes : effect.seen;
      const text = Array.from(pairs, ([key, value]) => `${key}=${value ?? 'nothing'}`).join(' ');
      return `${call}..${end} ${effect.kind} ${text}`;
    });
    return lines.join('\n');
  }
}
