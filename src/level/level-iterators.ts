/**
 * The three iterators of abstract-level: of entries, of keys and of values. Each makes its kind of item and
 * leaves the rest to a `RangeReader`. What is in memory is given without a promise of our own.
 */
import { AbstractIterator, AbstractKeyIterator, AbstractValueIterator } from 'abstract-level';
import { type Format, keyBytesOf } from './formats.ts';
import type { IteratorOptions, KeyIteratorOptions, ValueIteratorOptions } from './level-options.ts';
import type { RangeReader } from './range-reader.ts';

/** A key and a value before abstract-level decodes them; undefined where they were not asked for. */
export type FormatEntry = [Format | undefined, Format | undefined];

export class LevelIterator<TDatabase, K, V> extends AbstractIterator<TDatabase, K, V> {
  readonly #reader: RangeReader<FormatEntry>;

  constructor(db: TDatabase, options: IteratorOptions<K, V>, reader: RangeReader<FormatEntry>) {
    super(db, options);
    this.#reader = reader;
  }

  /** How many entries were read ahead; for tests. */
  get cached(): number {
    return this.#reader.cached;
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

  constructor(db: TDatabase, options: KeyIteratorOptions<K>, reader: RangeReader<Format>) {
    super(db, options);
    this.#reader = reader;
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

  constructor(db: TDatabase, options: ValueIteratorOptions<K, V>, reader: RangeReader<Format>) {
    super(db, options);
    this.#reader = reader;
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
