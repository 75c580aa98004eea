/**
 * Compiled, not run: what a program in TypeScript says to the installed package. It is compiled as an ES module
 * and as CommonJS, and what is marked with @ts-expect-error has to be refused.
 */
import {
  type BatchOperation,
  ClassicLevel,
  type DatabaseOptions,
  LsmError,
  MemoryFileSystem,
  MiniLevel,
  MiniLsm,
  type Options,
  type Stats,
  WriteBatch,
} from 'mini-lsm';

export async function useLevel(): Promise<void> {
  const options: DatabaseOptions<string, number> = { valueEncoding: 'json', cacheSize: 8 * 1024 * 1024 };
  const db = new ClassicLevel<string, number>('data', options);
  await db.put('a', 1, { sync: true });
  // @ts-expect-error A value is a number here.
  await db.put('a', 'one');
  const found: number | undefined = await db.get('a');
  // @ts-expect-error It may be missing.
  const certain: number = await db.get('a');
  for await (const [key, value] of db.iterator({ gte: 'a', highWaterMarkBytes: 65_536 })) {
    key.charCodeAt(0);
    value.toFixed(2);
  }
  const operations: BatchOperation<typeof db, string, number>[] = [{ type: 'put', key: 'b', value: 2 }];
  await db.batch(operations, { sync: true });
  await db.batch().put('c', 3).del('a').write({ sync: true });

  const users = db.sublevel<string, { readonly name: string }>('users', { valueEncoding: 'json' });
  await users.put('1', { name: 'Ada' });
  const name: string | undefined = (await users.get('1'))?.name;

  const stats: Stats = await db.stats();
  const level: MiniLevel<string, number> = db;
  const memory = new MiniLevel('any', { fileSystem: new MemoryFileSystem() });
  console.log(found, certain, name, stats.bytes, level.location, memory.status);
}

export function useEngine(): string | undefined {
  const options: Options = { memtableBytes: 1024 * 1024 };
  const db = MiniLsm.open('data', options);
  try {
    db.write(new WriteBatch().put('a', '1').delete('b'), { sync: true });
    for (const [key, value] of db.scan({ gte: 'a', limit: 10 })) console.log(key.length, value.length);
    const value: Uint8Array | undefined = db.get('a');
    return value === undefined ? undefined : new TextDecoder().decode(value);
  } catch (error) {
    if (error instanceof LsmError && error.code === 'LSM_CORRUPTION') return error.file;
    throw error;
  } finally {
    db.close();
  }
}
