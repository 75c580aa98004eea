/**
 * What the types promise: a program that was written for classic-level's compiles with ours. Nothing here runs;
 * it is checked by being compiled.
 */
import type {
  AbstractChainedBatch,
  AbstractIterator,
  AbstractKeyIterator,
  AbstractLevel,
  AbstractSnapshot,
  AbstractSublevel,
  AbstractValueIterator,
} from 'abstract-level';
import type * as original from 'classic-level';
import {
  type BatchOperation,
  type BatchOptions,
  type ChainedBatch,
  type ChainedBatchWriteOptions,
  ClassicLevel,
  type DatabaseOptions,
  type DelOptions,
  type GetManyOptions,
  type GetOptions,
  type HasManyOptions,
  type HasOptions,
  type Iterator,
  type IteratorOptions,
  type KeyIterator,
  type KeyIteratorOptions,
  MiniLevel,
  type MiniLsm,
  type OpenOptions,
  type PutOptions,
  type Snapshot,
  type StartEndOptions,
  type Stats,
  type ValueIterator,
  type ValueIteratorOptions,
  type VerifyReport,
} from '../../src/index.ts';

type Format = string | Buffer | Uint8Array;

/** Fails to compile unless both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

/**
 * What a library of the Level world asks for. The whole of AbstractLevel would be too much: whether TypeScript
 * takes the original for one depends on what it looked at before (its hooks mention the class itself).
 */
type Store<K, V> = Pick<
  AbstractLevel<Format, K, V>,
  | 'clear'
  | 'close'
  | 'del'
  | 'get'
  | 'getMany'
  | 'has'
  | 'hasMany'
  | 'open'
  | 'put'
  | 'snapshot'
  | 'status'
  | 'supports'
>;

export function stores(
  theirs: original.ClassicLevel<string, number>,
  ours: ClassicLevel<string, number>,
): Store<string, number>[] {
  return [theirs, ours];
}

export async function defaults(): Promise<void> {
  const db = new ClassicLevel('./db');
  same<typeof db, MiniLevel<string, string>>(true);
  const value: string | undefined = await db.get('k');
  const values: (string | undefined)[] = await db.getMany(['k']);
  const there: boolean[] = await db.hasMany(['k']);
  const now: string | undefined = db.getSync('k');
  await db.put('k', 'v', { sync: true });
  await db.del('k', { sync: true });
  await db.clear({ gt: 'a', limit: 1 });
  const size: number = await db.approximateSize('a', 'b');
  await db.compactRange('a', 'b');
  const text: string = db.getProperty('leveldb.stats');
  const location: string = db.location;
  await ClassicLevel.destroy('./db');
  await ClassicLevel.repair('./db');
  // @ts-expect-error a number is no key of this database
  await db.get(7);
  // @ts-expect-error nor a value
  await db.put('k', 7);
  // @ts-expect-error nor is this an option
  await db.put('k', 'v', { sink: true });
  console.log(value, values, there, now, size, text, location);
}

export async function generics(): Promise<void> {
  const db = new ClassicLevel<string, number>('./db', { valueEncoding: 'json', cacheSize: 1024 });
  const number: number | undefined = await db.get('k');
  const buffer: Buffer | undefined = await db.get<string, Buffer>('k', { valueEncoding: 'buffer' });
  const bytes: Uint8Array | undefined = db.getSync<Uint8Array, Uint8Array>(new Uint8Array(1), {
    keyEncoding: 'view',
    valueEncoding: 'view',
    fillCache: false,
  });
  for await (const [key, value] of db.iterator({ gte: 'a', highWaterMarkBytes: 0, reverse: true })) {
    const both: [string, number] = [key, value];
    console.log(both);
  }
  for await (const key of db.keys()) key.toUpperCase();
  for await (const value of db.values({ limit: 3 })) value.toFixed();
  const rows: [Buffer, Buffer][] = await db
    .iterator<Buffer, Buffer>({ keyEncoding: 'buffer', valueEncoding: 'buffer' })
    .all();
  await db.batch([
    { type: 'put', key: 'k', value: 7 },
    { type: 'del', key: 'k' },
  ]);
  await db.batch().put('k', 7).del('k').write({ sync: true });
  // @ts-expect-error a text is no value of this database
  await db.batch([{ type: 'put', key: 'k', value: 'v' }]);
  console.log(number, buffer, bytes, rows);
}

export async function sublevels(db: MiniLevel<string, number>): Promise<void> {
  const sublevel = db.sublevel('s');
  const typed: AbstractSublevel<typeof db, Format, string, string> = sublevel;
  const json = db.sublevel<string, { name: string }>('s', { valueEncoding: 'json' });
  const name: string | undefined = (await json.get('k'))?.name;
  await db.batch([{ type: 'put', key: 'k', value: { name: 'x' }, sublevel: json }] as BatchOperation<
    typeof db,
    string,
    unknown
  >[] as never);
  const nested = json.sublevel(['a', 'b']);
  console.log(typed, name, nested);
}

export async function beyond(db: MiniLevel<string, number>): Promise<void> {
  const engine: MiniLsm = db.engine;
  const stats: Stats = await db.stats();
  const report: VerifyReport = await db.verify({ signal: AbortSignal.abort() });
  await db.checkpoint('./copy', { signal: AbortSignal.abort() });
  await db.flush();
  await db.compactRange('a', 'b', { signal: AbortSignal.abort() });
  await db.clear({ signal: AbortSignal.abort() });
  const ours = new MiniLevel('./db', { memtableBytes: 1024, background: 'inline', compression: 'none' });
  // @ts-expect-error no such thing
  const wrong = new MiniLevel('./db', { memtableBytes: 'much' });
  console.log(engine, stats, report, ours, wrong);
}

/** The names that classic-level exports, each of which takes what that takes. */
export interface Exports {
  readonly database: (options: original.DatabaseOptions<string, number>) => DatabaseOptions<string, number>;
  readonly open: (options: original.OpenOptions) => OpenOptions;
  readonly get: (options: original.GetOptions<string, number>) => GetOptions<string, number>;
  readonly getMany: (options: original.GetManyOptions<string, number>) => GetManyOptions<string, number>;
  readonly has: (options: original.HasOptions<string>) => HasOptions<string>;
  readonly hasMany: (options: original.HasManyOptions<string>) => HasManyOptions<string>;
  readonly put: (options: original.PutOptions<string, number>) => PutOptions<string, number>;
  readonly del: (options: original.DelOptions<string>) => DelOptions<string>;
  readonly batch: (options: original.BatchOptions<string, number>) => BatchOptions<string, number>;
  readonly chained: (options: original.ChainedBatchWriteOptions) => ChainedBatchWriteOptions;
  readonly range: (options: original.StartEndOptions<string>) => StartEndOptions<string>;
}

/** Every option of classic-level is one of ours. */
export const EXPORTS: Exports = {
  database: (options) => options,
  open: (options) => options,
  get: (options) => options,
  getMany: (options) => options,
  has: (options) => options,
  hasMany: (options) => options,
  put: (options) => options,
  del: (options) => options,
  batch: (options) => options,
  chained: (options) => options,
  range: (options) => options,
};

export function iteratorOptions(
  entries: original.IteratorOptions<string, number>,
  keys: original.KeyIteratorOptions<string>,
  values: original.ValueIteratorOptions<string, number>,
): [IteratorOptions<string, number>, KeyIteratorOptions<string>, ValueIteratorOptions<string, number>] {
  return [entries, keys, values];
}

export function parts(db: MiniLevel<string, number>): void {
  const iterator: Iterator<typeof db, string, number> = db.iterator();
  const keys: KeyIterator<typeof db, string> = db.keys();
  const values: ValueIterator<typeof db, string, number> = db.values();
  const batch: ChainedBatch<typeof db, string, number> = db.batch();
  const snapshot: Snapshot = db.snapshot();
  const abstract: readonly [
    AbstractIterator<typeof db, string, number>,
    AbstractKeyIterator<typeof db, string>,
    AbstractValueIterator<typeof db, string, number>,
    AbstractChainedBatch<typeof db, string, number>,
    AbstractSnapshot,
  ] = [iterator, keys, values, batch, db.snapshot()];
  console.log(abstract, snapshot);
}
