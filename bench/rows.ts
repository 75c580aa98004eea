/** The rows of `npm run bench`: the synchronous calls of MiniLsm beside what classic-level has for them. */
import type { Measurement } from './clock.ts';
import type { Engine } from './engine.ts';
import type { Pass } from './pass.ts';
import type { Row, RowDescription, Rows } from './suite.ts';

/** How far a seek walks. */
const SEEK_ENTRIES = 10;

export const ROWS: Rows<Row<Engine>> = {
  fillseq: row('empty', 200_000, 'put', 'await put', (pass, engine) =>
    pass.write(pass.ascending, (slice) => engine.put(slice)),
  ),
  fillrandom: row('empty', 200_000, 'put', 'await put', (pass, engine) =>
    pass.write(pass.random, (slice) => engine.put(slice)),
  ),
  fillbatch: row('empty', Infinity, 'write, 1,000 a batch', 'await batch, 1,000 a batch', (pass, engine) =>
    pass.write(pass.random, (slice) => engine.batch(slice)),
  ),
  readrandom: row('loaded', 500_000, 'get', 'getSync', (pass, engine) =>
    pass.read(1, (slice) => engine.get(slice)),
  ),
  readrandomasync: row('loaded', 100_000, 'get', 'await get', (pass, engine) =>
    pass.read(1, (slice) => engine.getAsync(slice)),
  ),
  readmissing: row('loaded', 500_000, 'get', 'getSync', (pass, engine) =>
    pass.readMissing((slice) => engine.get(slice)),
  ),
  readseq: row('loaded', Infinity, 'scan', 'iterator, nextv(1000)', (pass, engine) =>
    pass.walk(() => engine.walk(false)),
  ),
  readreverse: row('loaded', Infinity, 'scan, reverse', 'iterator, reverse, nextv(1000)', (pass, engine) =>
    pass.walk(() => engine.walk(true)),
  ),
  seekrandom: row(
    'loaded',
    30_000,
    'cursor: seek, 10 times next',
    'iterator: seek, nextv(10)',
    (pass, engine) => pass.read(SEEK_ENTRIES, (slice) => engine.seek(slice, SEEK_ENTRIES)),
  ),
  scanrandom: row(
    'loaded',
    30_000,
    'scan({ gte, limit: 10 })',
    'iterator({ gte, limit: 10 }).all()',
    (pass, engine) => pass.read(SEEK_ENTRIES, (slice) => engine.range(slice, SEEK_ENTRIES)),
  ),
  overwrite: row('loaded', 200_000, 'put', 'await put', (pass, engine) =>
    pass.write(pass.random, (slice) => engine.put(slice)),
  ),
  deleterandom: row('loaded', 200_000, 'delete', 'await del', (pass, engine) =>
    pass.write(pass.random, (slice) => engine.delete(slice)),
  ),
};

function row(
  database: RowDescription['database'],
  cap: number,
  ours: string,
  theirs: string,
  run: (pass: Pass, engine: Engine) => Promise<Measurement>,
): Row<Engine> {
  return { database, cap, calls: { 'mini-lsm': ours, 'classic-level': theirs }, run };
}
