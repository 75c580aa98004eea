/**
 * The rows of `npm run bench:level`: MiniLevel beside classic-level by the same calls of abstract-level. The
 * walks count entries, all others calls or, where a call takes many keys, keys. Each has the ratio that the
 * project wants to reach.
 */
import type { Measurement } from './clock.ts';
import type { LevelEngine } from './level-engine.ts';
import type { Pass } from './pass.ts';
import type { Row, RowDescription, Rows } from './suite.ts';

const RANGE_ENTRIES = 10;

/** Puts that are under way at once. */
const CONCURRENT_PUTS = 100;

export const LEVEL_ROWS: Rows<Row<LevelEngine>> = {
  get: row('loaded', 150_000, 8, 'await get', (pass, engine) =>
    pass.read(1, (slice) => engine.getAsync(slice)),
  ),
  getSync: row('loaded', 300_000, 3, 'getSync', (pass, engine) => pass.read(1, (slice) => engine.get(slice))),
  getMany: row('loaded', 300_000, 3, 'await getMany of 1,000', (pass, engine) =>
    pass.read(1, (slice) => engine.getMany(slice)),
  ),
  nextv: row('loaded', Infinity, 3, 'iterator, nextv(1000), all entries', (pass, engine) =>
    pass.walk(() => engine.walk(false)),
  ),
  forAwait: row('loaded', Infinity, 4, 'for await over an iterator, all entries', (pass, engine) =>
    pass.walk(() => engine.iterate()),
  ),
  range: row('loaded', 30_000, 8, 'iterator({ gte, limit: 10 }).all()', (pass, engine) =>
    pass.read(RANGE_ENTRIES, (slice) => engine.range(slice, RANGE_ENTRIES)),
  ),
  put: row('empty', 150_000, 8, 'await put, one at a time', (pass, engine) =>
    pass.write(pass.random, (slice) => engine.put(slice)),
  ),
  putConcurrent: row('empty', 200_000, 2.5, 'await Promise.all of 100 puts', (pass, engine) =>
    pass.write(pass.random, (slice) => engine.putTogether(slice, CONCURRENT_PUTS)),
  ),
  batch: row('empty', Infinity, 1.3, 'await batch of 1,000', (pass, engine) =>
    pass.write(pass.random, (slice) => engine.batch(slice)),
  ),
  putSync: row('empty', 10_000, 2, 'await put with sync, by each of 100 writers', (pass, engine) =>
    pass.write(pass.random, (slice) => engine.putDurably(slice, CONCURRENT_PUTS)),
  ),
};

function row(
  database: RowDescription['database'],
  cap: number,
  target: number,
  call: string,
  run: (pass: Pass, engine: LevelEngine) => Promise<Measurement>,
): Row<LevelEngine> {
  return { database, cap, target, calls: { 'mini-lsm': call, 'classic-level': call }, run };
}
