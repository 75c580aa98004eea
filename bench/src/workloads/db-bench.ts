/** The workloads of LevelDB's and RocksDB's db_bench, by their names. */
import { Random } from '../random.ts';
import { has, pass, type Workload } from './workload.ts';

/** How far a seek walks. */
const SEEK_ENTRIES = 10;

/** Keys of one call of multi-get. */
const MULTI_GET_KEYS = 100;

/** readhot looks at this share of the entries. */
const HOT_SHARE = 0.01;

const WRITERS = 100;

const base = { group: 'db_bench', calls: ['put'] } as const;
const writing = { ...base, database: 'empty' } as const;
const reading = { ...base, database: 'loaded', calls: ['get'] } as const;

export const DB_BENCH: Readonly<Record<string, Workload>> = {
  fillseq: pass({ ...writing, description: 'put, ascending' }, (run, engine) =>
    run.each({ keyAt: run.ascending, writes: true, act: (key, value) => engine.put(key, value) }),
  ),
  fillrandom: pass({ ...writing, description: 'put, in random order' }, (run, engine) =>
    run.each({ keyAt: run.random, writes: true, act: (key, value) => engine.put(key, value) }),
  ),
  fillbatch: pass(
    { ...writing, calls: ['batch'], description: 'entries in batches of 1,000, in random order' },
    (run, engine) => run.sliced({ keyAt: run.random, writes: true }, (slice) => engine.batch(slice)),
  ),
  fillsync: pass(
    { ...writing, durability: 'fsync', cap: 2000, description: 'put with fsync, one writer' },
    (run, engine) =>
      run.each({ keyAt: run.random, writes: true, act: (key, value) => engine.put(key, value) }),
  ),
  fillsync100: pass(
    {
      ...writing,
      calls: ['putLater'],
      durability: 'fsync',
      cap: 20_000,
      description: 'put with fsync, by each of 100 writers at once',
    },
    (run, engine) => run.writers(WRITERS, has(engine.putLater).bind(engine)),
  ),
  readrandom: pass({ ...reading, description: 'get, the cache warm' }, (run, engine) =>
    run.each({ keyAt: run.random, expects: () => 1, act: (key) => engine.get(key) }),
  ),
  readmissing: pass({ ...reading, description: 'get of a key that is not there' }, (run, engine) =>
    run.each({ keyAt: run.missing, expects: () => 0, act: (key) => engine.get(key) }),
  ),
  readhot: pass({ ...reading, description: 'get, of 1 % of the entries' }, (run, engine) => {
    const hot = Math.max(1, Math.floor(run.entries * HOT_SHARE));
    const random = new Random(run.seed);
    const keyAt = (): number => 2 * random.below(hot);
    return run.each({ keyAt, expects: () => 1, act: (key) => engine.get(key) });
  }),
  multiget: pass({ ...reading, calls: ['getMany'], description: 'keys, 100 at a time' }, (run, engine) =>
    run.sliced({ keyAt: run.random, expects: () => 1 }, async ({ keys }) => {
      let found = 0;
      for (let at = 0; at < keys.length; at += MULTI_GET_KEYS) {
        found += await engine.getMany(keys.slice(at, at + MULTI_GET_KEYS));
      }
      return found;
    }),
  ),
  readseq: pass({ ...reading, calls: ['walk'], description: 'entries of a full scan' }, (run, engine) =>
    run.walk(() => engine.walk(false)),
  ),
  readreverse: pass(
    { ...reading, calls: ['walk'], description: 'entries of a full scan, backwards' },
    (run, engine) => run.walk(() => engine.walk(true)),
  ),
  seekrandom: pass(
    { ...reading, calls: ['seek'], description: 'seek to a random key and read 10 entries' },
    (run, engine) =>
      run.sliced(
        { keyAt: run.random, expects: (operation) => run.entriesFrom(run.random(operation), SEEK_ENTRIES) },
        (slice) => engine.seek(slice, SEEK_ENTRIES),
      ),
  ),
  rangerandom: pass(
    { ...reading, calls: ['range'], description: 'a new scan of 10 entries from a random key on' },
    (run, engine) =>
      run.each({
        keyAt: run.random,
        expects: (operation) => run.entriesFrom(run.random(operation), SEEK_ENTRIES),
        act: (key) => engine.range(key, SEEK_ENTRIES),
      }),
  ),
  overwrite: pass(
    { ...base, database: 'loaded', description: 'put over what is there, in random order' },
    (run, engine) =>
      run.each({ keyAt: run.random, writes: true, act: (key, value) => engine.put(key, value) }),
  ),
  readwhilewriting: pass(
    {
      ...base,
      database: 'loaded',
      calls: ['get', 'batch'],
      description: 'get, with as many writes in between, by batches of 1,000, as keep compaction busy',
    },
    (run, engine) =>
      run.readsBetween(
        (slice) => engine.batch(slice),
        (key) => engine.get(key),
      ),
  ),
  compact: pass(
    { ...base, database: 'own', calls: ['compact'], description: 'entries of a compaction of everything' },
    (run, engine) => run.once(has(engine.compact).bind(engine)),
  ),
  deleterandom: pass(
    { ...base, database: 'own', calls: ['delete'], description: 'delete, in random order' },
    (run, engine) => run.each({ keyAt: run.random, writes: true, act: (key) => engine.delete(key) }),
  ),
  openclean: {
    ...base,
    database: 'own',
    durability: 'os',
    calls: ['open'],
    description: 'opening after a close, with a first get',
    run: { kind: 'open', after: 'close' },
  },
  opencrash: {
    ...base,
    database: 'own',
    durability: 'os',
    calls: ['open'],
    description: 'opening of what a crash leaves behind, with a first get',
    run: { kind: 'open', after: 'crash' },
  },
};
