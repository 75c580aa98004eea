/** No clock, however wrong, changes what is stored, or what comes back: clocks measure, and decide nothing. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { contentsOf, DATABASE, memoryDatabase } from '../support/small-database.ts';

const YEAR = 365 * 24 * 3600 * 1000;

/** Each gives what the clock says when it is looked at for the nth time. */
const CLOCKS: Readonly<Record<string, (n: number) => number>> = {
  'stands still': () => 1000,
  'goes backwards': (n) => 1e12 - n * 1000,
  'jumps a year ahead and back': (n) => (n % 2) * YEAR,
  'is no number': () => Number.NaN,
};

/** What a workload with stalls, flushes, compactions and a kill leaves. */
function run(t: TestContext): { readonly contents: string[]; readonly files: string[] } {
  const options = {
    memtableBytes: 2048,
    tableBytes: 1024,
    blockBytes: 128,
    baseLevelBytes: 2048,
    l0CompactionFiles: 2,
    l0SlowdownFiles: 2,
    l0StopFiles: 3,
    slowdownBytesPerSecond: 1e9,
    manifestBytes: 2048,
  };
  const disk = new MemoryFileSystem();
  const db = memoryDatabase(t, { ...options, fileSystem: disk });
  for (let i = 0; i < 500; i++)
    db.put(`key ${(i * 37) % 101}`, `value ${i}`.padEnd(i % 90), { sync: i % 9 === 0 });
  const killed = disk.crashClone();
  const again = memoryDatabase(t, { ...options, fileSystem: killed });
  for (let i = 0; i < 200; i++) again.delete(`key ${i % 60}`);
  again.compact({ gte: 'key 2', lt: 'key 5' });
  again.sync();
  const files = killed.list(DATABASE).filter((name) => !name.startsWith('LOCK'));
  return { contents: contentsOf(again), files: files.sort() };
}

const expected = new Promise<ReturnType<typeof run>>((resolve) => {
  test('with the clock of this machine', (t) => resolve(run(t)));
});

for (const [what, clock] of Object.entries(CLOCKS)) {
  test(`a clock that ${what} changes nothing`, async (t) => {
    const reference = await expected;
    let looks = 0;
    const wrong = (): number => clock(looks++);
    t.mock.method(performance, 'now', wrong);
    t.mock.method(Date, 'now', wrong);
    const found = run(t);
    t.mock.restoreAll();
    assert.deepEqual(found, reference);
    assert.ok(looks > 0, 'the clock was looked at, to measure');
  });
}
