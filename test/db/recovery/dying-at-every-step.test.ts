/**
 * A process may die at any operation on the disk, in the middle of recovering from the last time too. Every
 * acknowledged write is there afterwards, and nothing else but the one that was under way, as a whole.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { type Fault, FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { OrderingFileSystem } from '../../simulation/ordering-file-system.ts';
import { CrashWorkload, openAndCompare, randomTasks, type Task } from '../../support/crash-workload.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import type { Model } from '../../support/model.ts';
import { Random, seedOf } from '../../support/random.ts';

failOnLeaks();

/** From operation `at` on the disk does nothing any more: as if the process had ended there. */
function death(at: number, when: Fault['when']): Fault {
  return { at, when, errno: 'EIO', forever: true };
}

interface Death {
  readonly left: MemoryFileSystem;
  /** What it may hold: more than one if a write was under way. */
  readonly possible: readonly Model[];
  /** Whether all tasks were done, and nobody died. */
  readonly survived: boolean;
  /** Whether the last operation was an append, which can be done by half. */
  readonly inAppend: boolean;
}

/** Runs tasks on a disk, dying at one operation. */
function dieAt(
  disk: MemoryFileSystem,
  model: Model | undefined,
  tasks: readonly Task[],
  at: number,
  when: Fault['when'],
): Death {
  const faulty = new FaultyFileSystem(disk);
  const ordering = new OrderingFileSystem(faulty);
  faulty.arm(death(at, when));
  const workload = new CrashWorkload(ordering, model);
  const survived = workload.run(tasks);
  assert.deepEqual(ordering.violations, []);
  if (survived) workload.abandon();
  return {
    left: disk.crashClone(),
    possible: workload.possible(),
    survived,
    inAppend: faulty.trace[at - 1]?.kind === 'append',
  };
}

/** Goes on with a database that was left behind: it is whole, takes writes, and can be opened again. */
function goOn(left: MemoryFileSystem, possible: readonly Model[], more: readonly Task[]): void {
  const { db, model } = openAndCompare(left, possible);
  assert.deepEqual(db.verify().problems, []);
  db.close();
  const later = new CrashWorkload(left, model);
  assert.equal(later.run(more), true, String(later.error));
  const { db: again } = openAndCompare(left.crashClone(), [later.model]);
  again.close();
  later.db.close();
}

describe('a process that dies', () => {
  test('after each operation in turn, or half way through it, loses nothing', (t) => {
    const random = new Random(seedOf(t));
    const tasks = randomTasks(random, 40);
    const more = randomTasks(random, 8);
    let at = 1;
    for (; ; at++) {
      const after = dieAt(new MemoryFileSystem(), undefined, tasks, at, 'after');
      if (after.survived) break;
      goOn(after.left, after.possible, more);
      if (!after.inAppend) continue;
      const half = dieAt(new MemoryFileSystem(), undefined, tasks, at, 'half');
      goOn(half.left, half.possible, more);
    }
    assert.ok(at > 100, `the workload changes the disk often enough: ${at}`);
  });

  test('and dies again at each operation of the recovery loses nothing', (t) => {
    const random = new Random(seedOf(t));
    const tasks = randomTasks(random, 40);
    const more = randomTasks(random, 3);
    let deaths = 0;
    for (let at = 1; ; at += 1 + random.below(40)) {
      const first = dieAt(new MemoryFileSystem(), undefined, tasks, at, 'after');
      if (first.survived) break;
      for (let again = 1; ; again++) {
        const second = dieAt(
          first.left.crashClone(),
          undefined,
          [],
          again,
          random.oneIn(2) ? 'after' : 'half',
        );
        if (second.survived) break;
        deaths += 1;
        goOn(second.left, first.possible, more);
      }
    }
    assert.ok(deaths > 50, `there were enough deaths: ${deaths}`);
  });

  test('twenty times in a row, each time somewhere in the first steps, gets over it', (t) => {
    const random = new Random(seedOf(t));
    for (let round = 0; round < 8; round++) {
      let last: Pick<Death, 'left' | 'possible'> = { left: new MemoryFileSystem(), possible: [] };
      for (let life = 0; life < 20; life++) {
        const { left, possible } = last;
        let model: Model | undefined;
        if (possible.length > 0) {
          const opened = openAndCompare(left.crashClone(), possible);
          opened.db.close();
          model = opened.model;
        }
        const at = 1 + random.below(60);
        last = dieAt(left, model, randomTasks(random, 20), at, random.oneIn(2) ? 'after' : 'half');
      }
    }
  });
});
