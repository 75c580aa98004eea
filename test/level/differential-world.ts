/** Does the commands of differential-commands.ts to a database; what came of it can be compared with another. */
import type {
  AbstractChainedBatch,
  AbstractIterator,
  AbstractKeyIterator,
  AbstractSnapshot,
  AbstractValueIterator,
} from 'abstract-level';
import {
  type Command,
  type Encoding,
  type Encodings,
  type Key,
  TARGETS,
  type Target,
} from './differential-commands.ts';

/** A database that takes keys and values of whatever its encodings take. */
export interface AnyLevel {
  open(): Promise<void>;
  close(): Promise<void>;
  put(key: unknown, value: unknown, options: object): Promise<void>;
  del(key: unknown, options: object): Promise<void>;
  get(key: unknown, options: object): Promise<unknown>;
  getSync(key: unknown, options: object): unknown;
  has(key: unknown, options: object): Promise<boolean>;
  getMany(keys: unknown[], options: object): Promise<unknown[]>;
  hasMany(keys: unknown[], options: object): Promise<boolean[]>;
  batch(operations: object[], options: object): Promise<void>;
  batch(): AbstractChainedBatch<unknown, unknown, unknown>;
  iterator(options: object): AbstractIterator<unknown, unknown, unknown>;
  keys(options: object): AbstractKeyIterator<unknown, unknown>;
  values(options: object): AbstractValueIterator<unknown, unknown, unknown>;
  clear(options: object): Promise<void>;
  snapshot(): AbstractSnapshot;
  sublevel(name: string | string[], options: object): AnyLevel;
  keyEncoding(): { readonly commonName: string };
  valueEncoding(): { readonly commonName: string };
  compactRange(start: unknown, end: unknown): Promise<void>;
}

interface OpenIterator {
  readonly iterator: ReturnType<AnyLevel['iterator']>;
  readonly canSeek: boolean;
  readonly keyEncoding: Encoding;
}

/** A database with the encodings of one command. */
interface Access {
  readonly level: AnyLevel;
  readonly keyEncoding: Encoding;
  readonly encodeKey: (bytes: Key) => unknown;
  readonly encodeValue: (bytes: Key) => unknown;
  readonly given: object;
}

/** The encodings that are no names. */
const CUSTOM = {
  shout: {
    name: 'shout',
    format: 'utf8' as const,
    encode: (text: unknown): string => `${String(text)}!`,
    decode: (text: string): string => {
      if (!text.endsWith('!')) throw new Error('this was not shouted');
      return text.slice(0, -1);
    },
  },
  bits: {
    name: 'bits',
    format: 'view' as const,
    encode: (bytes: unknown): Uint8Array => (bytes as Uint8Array).map((byte) => byte ^ 0xff),
    decode: (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (byte) => byte ^ 0xff),
  },
};

/** A database with what was made of it. */
export class World {
  readonly #levels: Readonly<Record<Target, AnyLevel>>;
  readonly #iterators: OpenIterator[] = [];
  readonly #snapshots: AbstractSnapshot[] = [];
  readonly #closed = new Set<AbstractSnapshot>();

  constructor(root: AnyLevel) {
    const outer = root.sublevel('outer', { keyEncoding: 'view', valueEncoding: 'buffer' });
    const inner = outer.sublevel(['in', 'inner'], {
      keyEncoding: 'buffer',
      valueEncoding: 'view',
    });
    this.#levels = { root, outer, inner };
  }

  async open(): Promise<void> {
    for (const target of TARGETS) await this.#levels[target].open();
  }

  async close(): Promise<void> {
    await this.#levels.root.close();
  }

  /** Does it, and gives what came of it in a form that is equal if it is the same. */
  async run(command: Command): Promise<unknown> {
    try {
      return comparable(await this.#do(command));
    } catch (error) {
      // With a limit the original counts an entry that could not be decoded, and abstract-level does not.
      if ('iterator' in command) this.#iterators.splice(-1 - command.iterator, 1);
      if (!(error instanceof Error)) throw error;
      const { code, name, cause } = error as Error & { code?: string };
      if (code === undefined && name === 'Error') return { failed: error.message };
      return { failed: code ?? name, cause: (cause as { code?: string } | undefined)?.code };
    }
  }

  async #do(command: Command): Promise<unknown> {
    switch (command.kind) {
      case 'put': {
        const { level, encodeKey, encodeValue, given } = this.#on(command);
        const { key, value, sync } = command;
        return level.put(encodeKey(key), encodeValue(value), { ...given, sync });
      }
      case 'del':
      case 'get':
      case 'getSync':
      case 'has': {
        const { level, encodeKey, given } = this.#on(command);
        return level[command.kind](encodeKey(command.key), { ...given, ...this.#snapshot(command) });
      }
      case 'getMany':
      case 'hasMany': {
        const { level, encodeKey, given } = this.#on(command);
        return level[command.kind](command.keys.map(encodeKey), { ...given, ...this.#snapshot(command) });
      }
      case 'batch': {
        const { level, encodeKey, encodeValue, given } = this.#on(command);
        const { writes, into } = command;
        const sublevel = into === undefined ? {} : { sublevel: this.#levels[into] };
        const operations = writes.map(({ key, value }) =>
          value === undefined
            ? { type: 'del', key: encodeKey(key), ...sublevel }
            : { type: 'put', key: encodeKey(key), value: encodeValue(value), ...sublevel },
        );
        return level.batch(operations, given);
      }
      case 'chain': {
        const { level, encodeKey, encodeValue, given } = this.#on(command);
        const batch = level.batch();
        for (const { key, value } of command.writes) {
          if (value === undefined) batch.del(encodeKey(key), given);
          else batch.put(encodeKey(key), encodeValue(value), given);
        }
        const { length } = batch;
        await batch.write();
        return length;
      }
      case 'all':
      case 'keys':
      case 'values':
      case 'clear':
      case 'iterator': {
        const { level, keyEncoding, encodeKey, given } = this.#on(command);
        const { kind, highWaterMarkBytes } = command;
        const { snapshot } = this.#snapshot(command);
        // The original reads memory that was given back if it is to walk a closed snapshot: see snapshots.test.ts.
        if (snapshot !== undefined && this.#closed.has(snapshot)) return undefined;
        const options: Record<string, unknown> = { ...given, ...command.walk, snapshot };
        for (const name of ['gt', 'gte', 'lt', 'lte'] as const) {
          const bound = command.walk[name];
          if (bound !== undefined) options[name] = encodeKey(bound);
        }
        if (kind === 'clear') return level.clear(options);
        if (highWaterMarkBytes !== undefined) options.highWaterMarkBytes = highWaterMarkBytes;
        if (kind === 'all') return level.iterator(options).all();
        if (kind !== 'iterator') return level[kind](options).all();
        const iterator = level.iterator(options);
        // What the original has read ahead counts towards a limit even after a seek; and it ends the process when
        // it seeks in an empty database.
        const some = await this.#levels.root.keys({ snapshot, limit: 1, keyEncoding: 'buffer' }).all();
        const canSeek = command.walk.limit === undefined && some.length > 0;
        this.#iterators.push({ iterator, canSeek, keyEncoding });
        return undefined;
      }
      case 'next':
        return this.#iterator(command)?.iterator.next();
      case 'nextv':
        return this.#iterator(command)?.iterator.nextv(command.size);
      case 'rest':
        return this.#iterator(command)?.iterator.all();
      case 'end':
        return this.#iterator(command)?.iterator.close();
      case 'seek': {
        const found = this.#iterator(command);
        if (found?.canSeek === true) found.iterator.seek(encode(command.key, found.keyEncoding));
        return undefined;
      }
      case 'snapshot':
        this.#snapshots.push(this.#levels.root.snapshot());
        return undefined;
      case 'release':
        return this.#release(this.#snapshots.at(-1 - command.snapshot));
      case 'reopen':
        await this.close();
        for (const snapshot of this.#snapshots) this.#closed.add(snapshot);
        return this.open();
      case 'compact':
        return this.#levels.root.compactRange('', '~');
    }
  }

  /** The database, and how keys and values are given to it. */
  #on({ on, options }: { readonly on: Target; readonly options: Encodings }): Access {
    const level = this.#levels[on];
    const { keyEncoding, valueEncoding } = options;
    const keys = keyEncoding ?? (level.keyEncoding().commonName as Encoding);
    const values = valueEncoding ?? (level.valueEncoding().commonName as Encoding);
    return {
      level,
      keyEncoding: keys,
      encodeKey: (bytes) => encode(bytes, keys),
      encodeValue: (bytes) => encode(bytes, values),
      given: {
        ...(keyEncoding === undefined ? {} : { keyEncoding: named(keyEncoding) }),
        ...(valueEncoding === undefined ? {} : { valueEncoding: named(valueEncoding) }),
      },
    };
  }

  async #release(snapshot: AbstractSnapshot | undefined): Promise<void> {
    if (snapshot === undefined) return;
    this.#closed.add(snapshot);
    await snapshot.close();
  }

  #iterator({ iterator }: { readonly iterator: number }): OpenIterator | undefined {
    return this.#iterators.at(-1 - iterator);
  }

  #snapshot({ snapshot }: { readonly snapshot?: number }): { snapshot?: AbstractSnapshot } {
    const found = snapshot === undefined ? undefined : this.#snapshots.at(-1 - snapshot);
    return found === undefined ? {} : { snapshot: found };
  }
}

function named(encoding: Encoding): unknown {
  return encoding === 'shout' || encoding === 'bits' ? CUSTOM[encoding] : encoding;
}

/** The bytes as a caller gives them who uses that encoding. */
function encode(bytes: Key, encoding: Encoding): unknown {
  const buffer = Buffer.from(bytes);
  switch (encoding) {
    case 'buffer':
      return buffer;
    case 'view':
    case 'bits':
      return new Uint8Array(bytes);
    case 'hex':
    case 'base64':
      return buffer.toString(encoding);
    case 'json':
      return [buffer.toString('latin1')];
    case 'utf8':
    case 'shout':
      return buffer.toString();
  }
}

/** Bytes as text, whatever class they are of: the original gives buffers for views too. */
function comparable(result: unknown): unknown {
  if (result instanceof Uint8Array) return `bytes ${Buffer.from(result).toString('hex')}`;
  if (Array.isArray(result)) return result.map(comparable);
  return result;
}
