/** Everything that can be done with a database of abstract-level, as plain data that is drawn at random. */
import fc from 'fast-check';

/** The databases that commands work on: the root, a sublevel with defaults of its own, and one inside it. */
export const TARGETS = ['root', 'outer', 'inner'] as const;
export type Target = (typeof TARGETS)[number];

export type Key = Uint8Array;

/** Encodings that are asked for by name, and two of the caller's own. */
const ENCODINGS = ['utf8', 'buffer', 'view', 'json', 'hex', 'base64', 'shout', 'bits'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface Encodings {
  readonly keyEncoding?: Encoding;
  readonly valueEncoding?: Encoding;
}

interface Range {
  readonly gt?: Key;
  readonly gte?: Key;
  readonly lt?: Key;
  readonly lte?: Key;
}

export interface Walk extends Range {
  readonly reverse?: boolean;
  readonly limit?: number;
}

interface Write {
  readonly key: Key;
  /** Nothing to delete the key. */
  readonly value?: Key;
}

interface On {
  readonly on: Target;
  readonly options: Encodings;
}

/** Snapshots and iterators are named by how many were made after them. */
interface Read extends On {
  readonly snapshot?: number;
}

interface Put extends On {
  readonly kind: 'put';
  readonly key: Key;
  readonly value: Key;
  readonly sync: boolean;
}

interface Single extends Read {
  readonly kind: 'del' | 'get' | 'getSync' | 'has';
  readonly key: Key;
}

interface Many extends Read {
  readonly kind: 'getMany' | 'hasMany';
  readonly keys: Key[];
}

interface Batch extends On {
  readonly kind: 'batch' | 'chain';
  readonly writes: Write[];
  /** The sublevel that each operation names. */
  readonly into?: Target;
}

interface Walks extends Read {
  readonly kind: 'all' | 'keys' | 'values' | 'clear' | 'iterator';
  readonly walk: Walk;
  readonly highWaterMarkBytes?: number;
}

interface Step {
  readonly kind: 'next' | 'nextv' | 'rest' | 'seek' | 'end';
  readonly iterator: number;
  readonly size: number;
  readonly key: Key;
}

interface Whole {
  readonly kind: 'snapshot' | 'release' | 'reopen' | 'compact';
  readonly snapshot: number;
}

export type Command = Put | Single | Many | Batch | Walks | Step | Whole;

/** Few keys, so that they meet: prefixes of each other, edges, other than text, and the separator of sublevels. */
const KEYS: readonly Key[] = [
  'a',
  'ab',
  'b',
  'c',
  '!',
  '!outer!',
  '"a"',
  '7',
  '\u00e9',
  '\uff5e',
  '\u{1f600}',
  '\0',
]
  .map((text) => Buffer.from(text))
  .concat([[0xff], [0xff, 0xff], [0xc3], [0xed, 0xa0, 0x80], []].map((bytes) => Buffer.from(bytes)));

/** The first ones most of the time, so that much of what is looked for is there. */
const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...KEYS.slice(0, 4)) },
  fc.constantFrom(...KEYS),
);
const value = fc.oneof(key, fc.uint8Array({ maxLength: 40 }));
const on = fc.constantFrom('root', ...TARGETS);
/** The defaults most of the time: entries that are written in one encoding are not often readable in another. */
const encoding = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Encoding>('buffer', 'view', 'utf8') },
  fc.constantFrom(...ENCODINGS),
);
const options = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Encodings>({}) },
  fc.record<Encodings>({ keyEncoding: encoding, valueEncoding: encoding }, { requiredKeys: [] }),
);
const recent = fc.nat({ max: 2 });
const limit = fc.constantFrom(-1, 0, 1, 2, 5, 100, Number.POSITIVE_INFINITY, 1.5);
const walk: fc.Arbitrary<Walk> = fc.oneof(
  fc.constant({}),
  fc.record<Walk>({ reverse: fc.boolean() }),
  fc.record<Walk>({ gt: key, lte: key, reverse: fc.boolean() }, { requiredKeys: [] }),
  fc.record<Walk>({ gte: key, lt: key, reverse: fc.boolean(), limit }, { requiredKeys: [] }),
  fc.record<Walk>(
    { gt: key, gte: key, lt: key, lte: key, reverse: fc.boolean(), limit },
    { requiredKeys: [] },
  ),
);
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 3, arbitrary: fc.record<Write>({ key, value }) },
  fc.record<Write>({ key }),
);

const put = fc.record<Put>({ kind: fc.constant('put'), on, options, key, value, sync: fc.boolean() });
const single = fc.record<Single>(
  {
    kind: fc.constantFrom('del', 'get', 'get', 'getSync', 'getSync', 'has'),
    on,
    options,
    key,
    snapshot: recent,
  },
  { requiredKeys: ['kind', 'on', 'options', 'key'] },
);
const many = fc.record<Many>(
  {
    kind: fc.constantFrom('getMany', 'hasMany'),
    on,
    options,
    keys: fc.array(key, { maxLength: 5 }),
    snapshot: recent,
  },
  { requiredKeys: ['kind', 'on', 'options', 'keys'] },
);
const batch = fc.record<Batch>(
  {
    kind: fc.constantFrom('batch', 'chain'),
    on,
    options,
    writes: fc.array(write, { maxLength: 8 }),
    into: on,
  },
  { requiredKeys: ['kind', 'on', 'options', 'writes'] },
);
const walks = fc.record<Walks>(
  {
    kind: fc.constantFrom('all', 'keys', 'values', 'all', 'clear', 'iterator', 'iterator', 'iterator'),
    on,
    options,
    walk,
    snapshot: recent,
    highWaterMarkBytes: fc.constantFrom(0, 1, 20, 100),
  },
  { requiredKeys: ['kind', 'on', 'options', 'walk'] },
);
const step = fc.record<Step>({
  kind: fc.constantFrom('next', 'next', 'nextv', 'rest', 'seek', 'seek', 'end'),
  iterator: recent,
  size: fc.constantFrom(-1, 0, 1, 2, 7),
  key,
});
const whole = fc.record<Whole>({
  kind: fc.constantFrom('snapshot', 'snapshot', 'snapshot', 'release', 'compact', 'reopen'),
  snapshot: recent,
});

const command: fc.Arbitrary<Command> = fc.oneof<fc.MaybeWeightedArbitrary<Command>[]>(
  { weight: 6, arbitrary: put },
  { weight: 6, arbitrary: single },
  { weight: 2, arbitrary: many },
  { weight: 3, arbitrary: batch },
  { weight: 6, arbitrary: walks },
  { weight: 9, arbitrary: step },
  { weight: 2, arbitrary: whole },
);

/** A history of a database. */
export const commands: fc.Arbitrary<Command[]> = fc.array(command, {
  minLength: 10,
  maxLength: 80,
  size: 'max',
});
