/**
 * The three iterators of abstract-level: of entries, of keys and of values. Each makes its kind of item and
 * leaves the rest to a `RangeReader`. What is in memory is given without a promise of our own.
 */
import { AbstractIterator, AbstractKeyIterator, AbstractValueIterator } from 'abstract-level';
import { type Format, keyBytesOf } from './formats.ts';
import type { IteratorOptions, KeyIteratorOptions, ValueIteratorOptions } from './level-options.ts';
import type { RangeReader } from './range-reader.ts';
import { Walk } from './walk.ts';

/** A key and a value before abstract-level decodes them; undefined where they were not asked for. */
export type FormatEntry = [Format | undefined, Format | undefined];

/** abstract-level puts the encodings of an iterator into its options under two symbols that it does not type. */
const { keyEncoding: KEY_ENCODING, valueEncoding: VALUE_ENCODING } = AbstractIterator as unknown as {
  readonly keyEncoding: symbol;
  readonly valueEncoding: symbol;
};

/** What `for await` makes of an item of the reader. */
function decoderIn<Item>(options: object, encoding: symbol): (raw: Format) => Item {
  const found = (options as Readonly<Record<symbol, { decode(raw: Format): Item }>>)[encoding];
  return (raw) => found.decode(raw);
}

/**
 * Whether `for await` may take what was read ahead without asking abstract-level: it need not count up to a
 * limit, nor look at a signal or a snapshot before each item.
 */
function canWalk(options: { limit?: number | undefined; signal?: unknown; snapshot?: unknown }): boolean {
  const { limit, signal, snapshot } = options;
  return (limit === undefined || limit < 0) && signal == null && snapshot == null;
}

export class LevelIterator<TDatabase, K, V> extends AbstractIterator<TDatabase, K, V> {
  readonly #reader: RangeReader<FormatEntry>;
  /** For `for await`, where it may go without abstract-level. */
  readonly #decode: ((raw: FormatEntry) => [K, V]) | undefined;

  constructor(db: TDatabase, options: IteratorOptions<K, V>, reader: RangeReader<FormatEntry>) {
    super(db, options);
    this.#reader = reader;
    if (!canWalk(options)) return;
    const key = decoderIn<K>(options, KEY_ENCODING);
    const value = decoderIn<V>(options, VALUE_ENCODING);
    this.#decode = (entry) => {
      const [rawKey, rawValue] = entry as [Format | undefined, Format | undefined];
      return [
        rawKey === undefined ? rawKey : key(rawKey),
        rawValue === undefined ? rawValue : value(rawValue),
      ] as [K, V];
    };
  }

  /** How many entries were read ahead; for tests. */
  get cached(): number {
    return this.#reader.cached;
  }

  override get count(): number {
    return super.count + this.#reader.walked;
  }

  override [Symbol.asyncIterator](): AsyncGenerator<[K, V], void, unknown> {
    if (this.#decode === undefined) return super[Symbol.asyncIterator]();
    return new Walk<FormatEntry, [K, V]>(this, this.#reader, this.#decode);
  }

  _next(): FormatEntry | undefined | Promise<FormatEntry | undefined> {
    return this.#reader.next();
  }

  _nextv(size: number): FormatEntry[] | Promise<FormatEntry[]> {
    return this.#reader.nextv(size);
  }

  _all(): FormatEntry[] | Promise<FormatEntry[]> {
    return this.#reader.all(this.count);
  }

  _seek(target: Format): void {
    this.#reader.seek(keyBytesOf(target));
  }

  _close(): Promise<void> {
    this.#reader.close();
    return Promise.resolve();
  }
}

export class LevelKeyIterator<TDatabase, K> extends AbstractKeyIterator<TDatabase, K> {
  readonly #reader: RangeReader<Format>;
  /** For `for await`, where it may go without abstract-level. */
  readonly #decode: ((raw: Format) => K) | undefined;

  constructor(db: TDatabase, options: KeyIteratorOptions<K>, reader: RangeReader<Format>) {
    super(db, options);
    this.#reader = reader;
    if (canWalk(options)) this.#decode = decoderIn<K>(options, KEY_ENCODING);
  }

  override get count(): number {
    return super.count + this.#reader.walked;
  }

  override [Symbol.asyncIterator](): AsyncGenerator<K, void, unknown> {
    if (this.#decode === undefined) return super[Symbol.asyncIterator]();
    return new Walk<Format, K>(this, this.#reader, this.#decode);
  }

  _next(): Format | undefined | Promise<Format | undefined> {
    return this.#reader.next();
  }

  _nextv(size: number): Format[] | Promise<Format[]> {
    return this.#reader.nextv(size);
  }

  _all(): Format[] | Promise<Format[]> {
    return this.#reader.all(this.count);
  }

  _seek(target: Format): void {
    this.#reader.seek(keyBytesOf(target));
  }

  _close(): Promise<void> {
    this.#reader.close();
    return Promise.resolve();
  }
}

export class LevelValueIterator<TDatabase, K, V> extends AbstractValueIterator<TDatabase, K, V> {
  readonly #reader: RangeReader<Format>;
  /** For `for await`, where it may go without abstract-level. */
  readonly #decode: ((raw: Format) => V) | undefined;

  constructor(db: TDatabase, options: ValueIteratorOptions<K, V>, reader: RangeReader<Format>) {
    super(db, options);
    this.#reader = reader;
    if (canWalk(options)) this.#decode = decoderIn<V>(options, VALUE_ENCODING);
  }

  override get count(): number {
    return super.count + this.#reader.walked;
  }

  override [Symbol.asyncIterator](): AsyncGenerator<V, void, unknown> {
    if (this.#decode === undefined) return super[Symbol.asyncIterator]();
    return new Walk<Format, V>(this, this.#reader, this.#decode);
  }

  _next(): Format | undefined | Promise<Format | undefined> {
    return this.#reader.next();
  }

  _nextv(size: number): Format[] | Promise<Format[]> {
    return this.#reader.nextv(size);
  }

  _all(): Format[] | Promise<Format[]> {
    return this.#reader.all(this.count);
  }

  _seek(target: Format): void {
    this.#reader.seek(keyBytesOf(target));
  }

  _close(): Promise<void> {
    this.#reader.close();
    return Promise.resolve();
  }
}
