/**
 * A queue on the disk: jobs come out in the order in which they went in, and a job is taken at least once. One
 * that was taken by a process that died before it was done is taken again.
 *
 *   node examples/queue.mjs [directory]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiniLsm, WriteBatch } from 'mini-lsm';

// Keys are compared byte by byte, so numbers need a fixed width: without the zeros, 10 would come before 9.
const keyOf = (state, number) => `${state}/${String(number).padStart(16, '0')}`;
const rangeOf = (state) => ({ gte: `${state}/`, lt: `${state}0` });

class Queue {
  #db;
  #next;

  constructor(directory) {
    this.#db = MiniLsm.open(directory);
    // What an earlier process took and did not finish waits again, under its old number: first.
    const batch = new WriteBatch();
    for (const [key, value] of this.#db.scan(rangeOf('taken'))) {
      batch.put(keyOf('waiting', numberIn(key)), value).delete(key);
    }
    this.#db.write(batch, { sync: true });
    const [last] = this.#db.scan({ ...rangeOf('waiting'), reverse: true, limit: 1 });
    this.#next = last === undefined ? 0 : numberIn(last[0]) + 1;
  }

  /** The job survives a power cut when this returns. */
  push(job) {
    this.#db.put(keyOf('waiting', this.#next++), JSON.stringify(job), { sync: true });
  }

  /** The oldest job, moved out of the way of the next `take` in one step; undefined if none waits. */
  take() {
    const [first] = this.#db.scan({ ...rangeOf('waiting'), limit: 1 });
    if (first === undefined) return undefined;
    const [key, value] = first;
    const number = numberIn(key);
    this.#db.write(new WriteBatch().delete(key).put(keyOf('taken', number), value), { sync: true });
    return { number, job: JSON.parse(Buffer.from(value).toString()) };
  }

  /** The job will not come again. */
  done(number) {
    this.#db.delete(keyOf('taken', number), { sync: true });
  }

  close() {
    this.#db.close();
  }
}

function numberIn(key) {
  return Number(Buffer.from(key).toString().split('/')[1]);
}

const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'queue-'));
let queue = new Queue(directory);
for (const to of ['Ada', 'Grace', 'Alan']) queue.push({ kind: 'mail', to });

const first = queue.take();
console.log(`sent mail to ${first.job.to}`);
queue.done(first.number);

// The process dies here with one job in its hands.
console.log(`took the mail to ${queue.take().job.to} and died`);
queue.close();

queue = new Queue(directory);
for (let next = queue.take(); next !== undefined; next = queue.take()) {
  console.log(`sent mail to ${next.job.to}`);
  queue.done(next.number);
}
queue.close();
console.log(`the database is in ${directory}`);
