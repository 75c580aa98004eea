/**
 * Tables that are read through mappings (`mmap: true`) beside tables that are read into the cache: the same
 * database, opened in turns, with a cache that holds a small part of it and with the default one. Cold: the system
 * has forgotten the files, which it is asked to (`dd`, on Linux). Warm: after a first pass that is not counted.
 *
 *     npm run bench:mmap -- [entries, 1000000] [rounds, 5]
 *
 * A row's figure is the median of the rounds, operations a second of processor time when warm, since the work of
 * one thread is compared, and of the clock when cold, since there the disk is waited for.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiniLsm, type Options } from '../../src/index.ts';
import { type Data, DataMaker } from './data.ts';
import { Permutation } from './permutation.ts';

const MIB = 2 ** 20;
const VALUE_BYTES = 100;

const WAYS: Readonly<Record<string, Options>> = {
  'pread, cache 8 MiB': { cacheBytes: 8 * MIB },
  'mmap, cache 8 MiB': { cacheBytes: 8 * MIB, mmap: true },
  'pread, cache 128 MiB': {},
  'mmap, cache 128 MiB': { mmap: true },
};

const ROWS = ['cold get', 'get', 'get of a missing key', 'scan', 'seek and 10 next', 'cold scan'] as const;

type Row = (typeof ROWS)[number];

/** Operations a second by row, one figure for each round. */
type Figures = Map<Row, number[]>;

const entries = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 5);
const maker = new DataMaker({ keys: 'view', values: 'view' }, VALUE_BYTES, 1);

for (const compression of ['none', 'lz4'] as const) {
  const directory = mkdtempSync(join(tmpdir(), 'mini-lsm-mmap-'));
  try {
    fill(directory, compression);
    const figures = new Map(Object.keys(WAYS).map((way): [string, Figures] => [way, new Map()]));
    for (let round = 0; round < rounds; round++) {
      for (const [way, options] of Object.entries(WAYS))
        measure(directory, options, round, (row, figure) => {
          const found = figures.get(way);
          found?.set(row, [...(found.get(row) ?? []), figure]);
        });
    }
    show(compression, figures);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function fill(directory: string, compression: 'none' | 'lz4'): void {
  const db = MiniLsm.open(directory, { compression });
  const order = new Permutation(entries, 1);
  for (let i = 0; i < entries; i++) db.put(key(order.at(i)), maker.value(2 * order.at(i)));
  db.compact();
  db.close();
}

function measure(
  directory: string,
  options: Options,
  round: number,
  note: (row: Row, figure: number) => void,
): void {
  const order = new Permutation(entries, round + 2);
  const gets = Math.min(entries, 400_000);
  const get = (db: MiniLsm, from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      if (db.get(key(order.at(i % entries))) === undefined) throw new Error('an entry is missing');
    }
  };
  const scan = (db: MiniLsm): void => {
    let count = 0;
    for (const _ of db.scan()) count += 1;
    if (count !== entries) throw new Error(`${count} entries in place of ${entries}`);
  };
  const cold = Math.min(entries, 5000);
  opened(directory, options, true, (db) => note('cold get', cold / byClock(() => get(db, 0, cold))));
  opened(directory, options, false, (db) => {
    get(db, 0, gets);
    note('get', gets / byProcessor(() => get(db, gets, 2 * gets)));
    const miss = (): void => {
      for (let i = 0; i < gets; i++) db.get(missing(order.at(i)));
    };
    note('get of a missing key', gets / byProcessor(miss));
    note('scan', entries / byProcessor(() => scan(db)));
    const seeks = Math.min(entries, 50_000);
    note(
      'seek and 10 next',
      seeks /
        byProcessor(() => {
          for (let i = 0; i < seeks; i++) for (const _ of db.scan({ gte: key(order.at(i)), limit: 10 }));
        }),
    );
  });
  opened(directory, options, true, (db) => note('cold scan', entries / byClock(() => scan(db))));
}

function opened(directory: string, options: Options, cold: boolean, use: (db: MiniLsm) => void): void {
  if (cold) {
    for (const name of readdirSync(directory)) {
      spawnSync('dd', [`if=${join(directory, name)}`, 'iflag=nocache', 'count=0', 'status=none']);
    }
  }
  const db = MiniLsm.open(directory, options);
  try {
    use(db);
  } finally {
    db.close();
  }
}

function key(number: number): Data {
  return maker.key(2 * number);
}

function missing(number: number): Data {
  return maker.key(2 * number + 1);
}

/** Seconds. */
function byClock(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1e3;
}

/** Seconds of this process, its system calls included. */
function byProcessor(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function show(compression: string, figures: ReadonlyMap<string, Figures>): void {
  console.log(`\n${entries} entries, compression ${compression}, thousands of operations a second\n`);
  console.log(`| | ${[...figures.keys()].join(' | ')} |\n|---${'|---:'.repeat(figures.size)}|`);
  for (const row of ROWS) {
    const cells = [...figures.values()].map((found) => thousands(median(found.get(row) ?? [])));
    console.log(`| ${row} | ${cells.join(' | ')} |`);
  }
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? 0;
}

function thousands(figure: number): string {
  return (figure / 1e3).toFixed(figure < 1e5 ? 1 : 0);
}
