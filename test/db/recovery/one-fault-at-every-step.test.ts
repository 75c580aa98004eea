/**
 * Every operation on the disk may fail once while the process lives on: before its effect, half way, or after
 * it. A write that threw is not visible; after reopening it may be there, as a whole; nothing else changes.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LsmError } from '../../../src/errors.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { OpenFilesFileSystem } from '../../simulation/open-files-file-system.ts';
import { OrderingFileSystem } from '../../simulation/ordering-file-system.ts';
import { CrashWorkload, openAndCompare, randomTasks } from '../../support/crash-workload.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { describeEntries, type Model } from '../../support/model.ts';
import { Random, seedOf } from '../../support/random.ts';

failOnLeaks();

const WHEN = ['before', 'half', 'after'] as const;
const ERRNOS = ['EIO', 'ENOSPC'] as const;

describe('an operation on the disk that fails once', () => {
  for (const when of WHEN) {
    test(`${when === 'half' ? 'half way' : when} its effect costs nothing that was acknowledged`, (t) => {
      const random = new Random(seedOf(t));
      const tasks = randomTasks(random, 40);
      const more = randomTasks(random, 5);
      for (let at = 1; ; at += 1 + random.below(3)) {
        const disk = new MemoryFileSystem();
        const faulty = new FaultyFileSystem(disk);
        const ordering = new OrderingFileSystem(faulty);
        const fs = new OpenFilesFileSystem(ordering);
        faulty.arm({ at, when, errno: ERRNOS[at % 2] });

        let model: Model | undefined;
        let possible: readonly Model[] = [];
        let from = 0;
        let failures = 0;
        for (;;) {
          const workload = new CrashWorkload(fs, model);
          const left = tasks.slice(from);
          const done = workload.run(left);
          possible = workload.possible();
          if (!done) {
            failures += 1;
            assert.ok(workload.error instanceof LsmError, String(workload.error));
            assert.ok(['LSM_IO', 'LSM_NO_SPACE', 'LSM_READ_ONLY'].includes(workload.error.code));
            if (workload.hasOpened) {
              if (!workload.db.closed) {
                assert.deepEqual(
                  describeEntries(workload.db.scan()),
                  describeEntries(workload.model.entries()),
                  'a write that threw is not visible',
                );
              }
              from += workload.tasksDone + 1;
            }
          }
          workload.abandon();
          assert.deepEqual(fs.openPaths(), [], 'everything is closed');
          if (done) break;
          const opened = openAndCompare(disk.crashClone(), possible);
          opened.db.close();
          model = opened.model;
          assert.ok(failures < 3, 'one fault is got over by reopening');
        }
        assert.deepEqual(ordering.violations, []);
        const { db, model: found } = openAndCompare(disk, possible);
        assert.deepEqual(db.verify().problems, []);
        db.close();
        const later = new CrashWorkload(disk, found);
        assert.equal(later.run(more), true, String(later.error));
        later.abandon();
        if (faulty.faults === 0) {
          assert.ok(at > 100, `the workload changes the disk often enough: ${at}`);
          break;
        }
      }
    });
  }
});
