/** Workloads of the asynchronous face. */
import assert from 'node:assert/strict';
import { MiniLevel } from '../../../src/level/mini-level.ts';
import { DATABASE } from '../../support/small-database.ts';
import type { Write } from '../../support/writes.ts';
import type { Outcome, World } from '../world/world.ts';

/** A level on the disk of a world, open or not. */
class Level {
  readonly #world: World;
  readonly #db: MiniLevel<string, string>;

  constructor(world: World) {
    this.#world = world;
    this.#db = new MiniLevel(DATABASE, { ...world.options, fileSystem: world.fileSystem });
  }

  async open(): Promise<boolean> {
    if (this.#world.history.isInDoubt) this.#world.settleClosed();
    return 'value' in (await this.#world.attemptAsync(() => this.#db.open()));
  }

  async put(key: string, value: string, sync: boolean): Promise<void> {
    const done = await this.#world.attemptAsync(() => this.#db.put(key, value, { sync }));
    this.#note(done, [[key, value]], sync);
  }

  async batch(writes: readonly Write[], sync: boolean): Promise<void> {
    const operations = writes.map(([key, value]) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    );
    const done = await this.#world.attemptAsync(() => this.#db.batch(operations, { sync }));
    this.#note(done, writes, sync);
  }

  async get(key: string): Promise<void> {
    const got = await this.#world.attemptAsync(() => this.#db.get(key));
    if ('value' in got) assert.equal(got.value, this.#world.history.now.get(key));
  }

  /** Reads everything by an iterator. */
  async walk(): Promise<void> {
    const read = await this.#world.attemptAsync(() => this.#db.iterator().all());
    if ('value' in read) assert.deepEqual(read.value, this.#sorted());
  }

  /** Clearing is one write here: it takes less than a group. */
  async clear(range: { readonly gte?: string; readonly lt?: string }): Promise<void> {
    const { gte = '', lt = '\uffff' } = range;
    const keys = [...this.#world.history.now.keys()].filter((key) => key >= gte && key < lt);
    const done = await this.#world.attemptAsync(() => this.#db.clear(range));
    const writes: Write[] = keys.map((key) => [key, undefined]);
    // It finds out that the tables could not be dropped when it writes what is left to delete.
    if ('error' in done) this.#world.history.doubt(writes);
    else this.#world.history.commit(writes);
  }

  async close(): Promise<void> {
    await this.#world.attemptAsync(() => this.#db.close());
  }

  #note(done: Outcome<unknown>, writes: readonly Write[], sync: boolean): void {
    const { history } = this.#world;
    if ('error' in done) {
      if (done.error.code !== 'LSM_READ_ONLY') history.doubt(writes);
    } else {
      history.commit(writes);
      if (sync) history.makeDurable();
    }
  }

  #sorted(): [string, string][] {
    return [...this.#world.history.now].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

export async function useLevel(world: World): Promise<void> {
  const level = new Level(world);
  if (!(await level.open())) return await level.close();
  for (let i = 0; i < 12; i++) await level.put(`key ${i}`, `value ${i} `.padEnd(100, '.'), i % 4 === 0);
  await level.batch(
    [
      ['a', '1'],
      ['b', '2'],
      ['key 3', undefined],
    ],
    true,
  );
  for (const key of ['a', 'key 2', 'key 3']) await level.get(key);
  await level.walk();
  await level.close();
}

export async function clearRange(world: World): Promise<void> {
  for (let i = 0; i < 16; i++) world.put(`key ${i}`, `value ${i} `.padEnd(100, '.'));
  world.close();
  const level = new Level(world);
  if (!(await level.open())) return await level.close();
  await level.clear({ gte: 'key 1', lt: 'key 3' });
  await level.walk();
  await level.put('key 2', 'again', false);
  await level.close();
}

/** A thousand entries in tables are dropped; fewer would be deleted one by one. */
export async function clearAll(world: World): Promise<void> {
  world.batch(Array.from({ length: 1000 }, (_, i) => [`key ${i}`, 'v'] as const));
  world.flush();
  world.close();
  const level = new Level(world);
  if (!(await level.open())) return await level.close();
  await level.clear({});
  await level.walk();
  await level.put('after', 'it', false);
  await level.close();
}
