/** One thread of threads.test.ts: a writer or a reader that goes through all rounds of a plan. */
import { parentPort, workerData } from 'node:worker_threads';
import { readU16 } from '../../src/bytes/integers.ts';
import { LookupResult } from '../../src/cursor/cursor.ts';
import { LsmError } from '../../src/errors.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import {
  barrier,
  checkedWalk,
  expect,
  INSERTED,
  insert,
  KEY_BYTES,
  type Plan,
  type Report,
  type Role,
  sequenceOf,
  VALUE_BYTES,
  WRITERS_DONE,
  writeKey,
} from './thread-plan.ts';

/** Two phases a round: all write and read; the first writer checks the result and makes room. */
function run({ plan, thread }: Role): Report {
  const table = MemTable.attach(plan.buffer);
  let partialViews = 0;
  for (let round = 0; round < plan.rounds; round++) {
    barrier(plan);
    if (thread < plan.writers) write(table, plan, thread);
    else partialViews += read(table, plan);
    barrier(plan);
    if (thread === 0) {
      const inserted = Atomics.load(plan.control, INSERTED);
      expect(checkedWalk(table.cursor(), plan) === inserted, 'everything inserted is there');
      expect(table.entryCount === inserted, 'everything inserted is counted');
      expect(table.byteSize <= table.capacity, 'the memory is kept to');
      const tries = plan.pattern === 'duel' ? plan.insertions : plan.insertions * plan.writers;
      if (table.hasRoom(MemTable.entryBytes(KEY_BYTES, VALUE_BYTES)))
        expect(inserted === tries, 'all were inserted while there is room');
      if (round < plan.rounds - 1) {
        table.reset();
        Atomics.store(plan.control, WRITERS_DONE, 0);
        Atomics.store(plan.control, INSERTED, 0);
      }
    }
  }
  return { partialViews };
}

function write(table: MemTable, plan: Plan, writer: number): void {
  let inserted = 0;
  for (let i = 0; i < plan.insertions; i++) {
    try {
      if (!insert(table, plan, writer, i)) break;
      inserted++;
    } catch (error) {
      if (!(plan.pattern === 'duel' && error instanceof LsmError && error.code === 'LSM_INTERNAL'))
        throw error;
    }
  }
  Atomics.add(plan.control, INSERTED, inserted);
  Atomics.add(plan.control, WRITERS_DONE, 1);
}

/** Reads until the writers are done, and once more; returns how often it came in between. */
function read(table: MemTable, plan: Plan): number {
  const cursor = table.cursor();
  let partialViews = 0;
  for (let done = false, before = 0; !done; ) {
    done = Atomics.load(plan.control, WRITERS_DONE) === plan.writers;
    const seen = checkedWalk(cursor, plan);
    expect(seen >= before, 'what was seen stays');
    before = seen;
    if (seen > 0 && !done) partialViews++;
    for (let writer = 0; writer < plan.writers; writer++) checkLookups(table, plan, writer);
  }
  return partialViews;
}

const result = new LookupResult();

/** Who finds a writer's i-th entry finds its earlier ones. */
function checkLookups(table: MemTable, plan: Plan, writer: number): void {
  let found = false;
  for (let i = plan.insertions - 1; i >= 0; i--) {
    const sequence = sequenceOf(plan, writer, i);
    const key = writeKey(plan, writer, i);
    const hit = table.get(key, 0, KEY_BYTES, sequence, result) && result.sequence === sequence;
    expect(hit || !found, `entry ${i + 1} is not found without ${i}`);
    if (hit) expect(readU16(result.value, result.valueStart + 1) === i, 'the value is the one of the entry');
    found = hit;
  }
}

if (parentPort !== null) {
  let report: Report;
  try {
    report = run(workerData as Role);
  } catch (error) {
    report = { failure: String(error instanceof Error ? error.stack : error) };
  }
  parentPort.postMessage(report);
}
