/** Workloads of this project: latencies of a mixture and of a load, and the calls that only abstract-level has. */
import { has, pass, type Workload } from './workload.ts';
import { mixture } from './ycsb.ts';

const CONCURRENT_PUTS = 100;

const SCAN_ENTRIES = 10;

const level = { group: 'level', database: 'loaded' } as const;

export const OTHERS: Readonly<Record<string, Workload>> = {
  mixed: pass(
    {
      group: 'mixed',
      database: 'loaded',
      calls: ['get', 'put', 'range'],
      description: '60 % get, 30 % put, 10 % scans of 1 to 10 entries; zipfian keys; each timed',
    },
    (run, engine) => {
      const shares = { read: 0.6, update: 0.3, scan: 0.1 };
      return run.eachTimed(mixture(run, engine, shares, { latest: false, scanEntries: SCAN_ENTRIES }));
    },
  ),
  load: pass(
    {
      group: 'load',
      database: 'empty',
      calls: ['put'],
      unhurried: true,
      description: 'put of all entries, in random order; each timed',
    },
    (run, engine) =>
      run.eachTimed({ keyAt: run.random, writes: true, act: (key, value) => engine.put(key, value) }),
  ),
  readasync: pass({ ...level, calls: ['getLater'], description: 'get by a promise' }, (run, engine) => {
    const get = has(engine.getLater).bind(engine);
    return run.each({ keyAt: run.random, expects: () => 1, act: (key) => get(key) });
  }),
  readiterate: pass(
    { ...level, calls: ['iterate'], description: 'entries of a full scan, one by one' },
    (run, engine) => run.walk(has(engine.iterate).bind(engine)),
  ),
  fillconcurrent: pass(
    { ...level, database: 'empty', calls: ['putLater'], description: 'put, 100 at once' },
    (run, engine) => run.writers(CONCURRENT_PUTS, has(engine.putLater).bind(engine)),
  ),
};
