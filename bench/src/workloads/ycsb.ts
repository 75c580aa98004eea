/**
 * The core workloads of the Yahoo! Cloud Serving Benchmark (Cooper and others, SoCC 2010), with its shares of
 * operations and its distributions of keys. A record is an entry of the run, not YCSB's ten fields of 100 bytes.
 */
import { SLICE } from '../data.ts';
import type { Call, Engine } from '../engine.ts';
import type { Operations, Pass } from '../pass.ts';
import { Random } from '../random.ts';
import { ScrambledZipfian, Zipfian } from '../zipfian.ts';
import { pass, type Workload } from './workload.ts';

type Kind = 'read' | 'update' | 'insert' | 'scan' | 'modify';

/** The share of each kind; together 1. */
export type Shares = Readonly<Partial<Record<Kind, number>>>;

export const YCSB: Readonly<Record<string, Workload>> = {
  ycsba: ycsb('half reads, half updates', { read: 0.5, update: 0.5 }),
  ycsbb: ycsb('95 % reads, 5 % updates', { read: 0.95, update: 0.05 }),
  ycsbc: ycsb('reads', { read: 1 }),
  ycsbf: ycsb('half reads, half read-modify-writes', { read: 0.5, modify: 0.5 }),
  ycsbd: ycsb('95 % reads of the latest, 5 % inserts', { read: 0.95, insert: 0.05 }, true),
  ycsbe: ycsb('95 % scans of 1 to 100 entries, 5 % inserts', { scan: 0.95, insert: 0.05 }),
};

function ycsb(description: string, shares: Shares, latest = false): Workload {
  const calls: Call[] = [];
  if ('read' in shares || 'modify' in shares) calls.push('get');
  if ('scan' in shares) calls.push('range');
  if ('update' in shares || 'insert' in shares || 'modify' in shares) calls.push('put');
  return pass(
    {
      group: 'ycsb',
      description: `${description}; zipfian keys`,
      database: 'insert' in shares ? 'own' : 'loaded',
      calls,
    },
    (run, engine) => run.each(mixture(run, engine, shares, { latest, scanEntries: 100 })),
  );
}

/**
 * A mixture of operations, drawn before the clock runs. Scans read 1 to `scanEntries` entries. `latest`: what was
 * inserted last is read most.
 */
export function mixture(
  run: Pass,
  engine: Engine,
  shares: Shares,
  { latest, scanEntries }: { readonly latest: boolean; readonly scanEntries: number },
): Operations {
  const random = new Random(run.seed);
  const popular = latest ? undefined : new ScrambledZipfian(run.entries, run.seed);
  const recent = latest ? new Zipfian(run.entries, run.seed) : undefined;
  const kinds = new Array<Kind>(SLICE).fill('read');
  const lengths = new Array<number>(SLICE).fill(0);
  let count = run.entries;
  return {
    keyAt(operation) {
      const kind = pick(shares, random.next());
      kinds[operation % SLICE] = kind;
      if (kind !== 'read' && kind !== 'scan') run.wrote(1);
      if (kind === 'insert') return 2 * count++;
      const entry = recent === undefined ? popular?.next() : count - 1 - recent.next();
      const number = entry ?? 0;
      if (kind === 'scan') {
        lengths[operation % SLICE] = Math.min(1 + random.below(scanEntries), count - number);
      }
      return 2 * number;
    },
    expects(operation) {
      const kind = kinds[operation % SLICE];
      if (kind === 'scan') return lengths[operation % SLICE];
      return kind === 'read' || kind === 'modify' ? 1 : 0;
    },
    act(key, value, index) {
      switch (kinds[index]) {
        case 'read':
          return engine.get(key);
        case 'scan':
          return engine.range(key, lengths[index]);
        case 'update':
        case 'insert':
          return engine.put(key, value);
        case 'modify': {
          const found = engine.get(key);
          const written = engine.put(key, value);
          return written instanceof Promise ? written.then(() => found) : found;
        }
      }
    },
  };
}

function pick(shares: Shares, uniform: number): Kind {
  let rest = uniform;
  let last: Kind = 'read';
  for (const [kind, share] of Object.entries(shares) as [Kind, number][]) {
    last = kind;
    rest -= share;
    if (rest < 0) break;
  }
  return last;
}
