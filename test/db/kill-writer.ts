/**
 * The process that test/db/kill.test.ts kills: it writes to a database, and tells of each write after the call
 * has returned. Started as a test file by mistake it does nothing.
 */
import { writeSync } from 'node:fs';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import type { Options } from '../../src/options.ts';
import { WriteBatch } from '../../src/wal/write-batch.ts';
import { Random } from '../support/random.ts';

/** Small enough that the worker flushes and merges all the time. */
export const KILL_OPTIONS: Options = {
  background: 'worker',
  memtableBytes: 8192,
  blockBytes: 512,
  compression: 'lz4',
  tableBytes: 8192,
  baseLevelBytes: 16_384,
  levelRatio: 3,
  l0CompactionFiles: 2,
  l0SlowdownFiles: 4,
  l0StopFiles: 6,
  manifestBytes: 2048,
  cacheBytes: 65_536,
  slowdownBytesPerSecond: 2 ** 40,
};

export interface Command {
  readonly writes: readonly (readonly [key: string, value: string | undefined])[];
  readonly sync: boolean;
  readonly flush: boolean;
}

/** The writes of one life, without end; the same for the same seed. */
export function* commands(seed: number): Generator<Command> {
  const random = new Random(seed);
  for (let i = 0; ; i++) {
    const count = random.oneIn(5) ? 1 + random.below(20) : 1;
    const writes = Array.from({ length: count }, (_, at) => {
      const key = `key ${random.below(400)}`;
      if (random.oneIn(4)) return [key, undefined] as const;
      const length = random.oneIn(100) ? 20_000 : random.below(200);
      return [key, `${seed} ${i} ${at} `.padEnd(length, 'x')] as const;
    });
    yield { writes, sync: random.oneIn(20), flush: random.oneIn(150) };
  }
}

/** Everything after this is for the process that is killed. */
const [, , path, seed] = process.argv;
if (path !== undefined && seed !== undefined) {
  const db = MiniLsm.open(path, KILL_OPTIONS);
  const acknowledgement = Uint8Array.of(1);
  for (const { writes, sync, flush } of commands(Number(seed))) {
    const [first] = writes;
    if (writes.length > 1) {
      const batch = new WriteBatch();
      for (const [key, value] of writes) {
        if (value === undefined) batch.delete(key);
        else batch.put(key, value);
      }
      db.write(batch, { sync });
    } else if (first[1] === undefined) {
      db.delete(first[0], { sync });
    } else {
      db.put(first[0], first[1], { sync });
    }
    // A pipe takes the byte before the call returns: a kill cannot take it back.
    writeSync(1, acknowledgement);
    if (flush) db.flush();
  }
}
