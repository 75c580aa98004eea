/**
 * A repair that dies or fails at any step has harmed nothing: run again, it comes to the same, and every byte
 * that it could not use is still somewhere.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LsmError } from '../../../src/errors.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { type Fault, FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { OpenFilesFileSystem } from '../../simulation/open-files-file-system.ts';
import { OrderingFileSystem } from '../../simulation/ordering-file-system.ts';
import { namesOfKind, readBytes } from '../../support/edit-file.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { DATABASE } from '../../support/small-database.ts';
import { everyFile, flip, hex, lostFiles, repair, scene, wholeContents } from './scenes.ts';

failOnLeaks();

interface Wreck {
  readonly fs: MemoryFileSystem;
  /** What a repair that nothing disturbs makes of it. */
  readonly expected: readonly string[];
  /** Contents of the files that it can't use. */
  readonly unusable: readonly string[];
}

class NoLinks extends MemoryFileSystem {
  override link(): boolean {
    return false;
  }
}

function wreck(spoil: (fs: MemoryFileSystem) => readonly string[]): Wreck {
  const { fs } = scene('closed');
  const names = spoil(fs);
  const unusable = names.map((name) => hex(readBytes(fs, joinPath(DATABASE, name))));
  const repaired = fs.crashClone();
  repair(repaired);
  return { fs, expected: wholeContents(repaired), unusable };
}

const table = (fs: MemoryFileSystem): string => namesOfKind(fs, DATABASE, 'table')[2];

const WRECKS: Readonly<Record<string, () => Wreck>> = {
  'a database that is whole': () => wreck(() => []),
  'a damaged table': () =>
    wreck((fs) => {
      flip(fs, table(fs), 20);
      return [table(fs)];
    }),
  'a damaged log': () =>
    wreck((fs) => {
      const [log] = namesOfKind(fs, DATABASE, 'wal');
      flip(fs, log, 120);
      return [log];
    }),
  'a missing CURRENT': () =>
    wreck((fs) => {
      fs.remove(joinPath(DATABASE, 'CURRENT'));
      return namesOfKind(fs, DATABASE, 'manifest');
    }),
  'everything at once': () =>
    wreck((fs) => {
      const [log] = namesOfKind(fs, DATABASE, 'wal');
      flip(fs, log, 120);
      flip(fs, table(fs), 20);
      flip(fs, 'CURRENT', 3);
      return ['CURRENT', log, table(fs), ...namesOfKind(fs, DATABASE, 'manifest')];
    }),
};

/** Puts files on a disk without links. */
function withoutLinks(fs: MemoryFileSystem): MemoryFileSystem {
  const copy = new NoLinks();
  copy.makeDirectory(DATABASE);
  for (const name of fs.list(DATABASE)) {
    const file = copy.createFile(joinPath(DATABASE, name));
    file.append(readBytes(fs, joinPath(DATABASE, name)));
    file.close();
  }
  return copy;
}

describe('a repair that dies at each step in turn, and is run again, comes to the same', () => {
  for (const [what, make] of Object.entries(WRECKS)) {
    for (const links of [true, false]) {
      test(`for ${what}, ${links ? 'with' : 'without'} links`, () => {
        const { fs, expected, unusable } = make();
        /** The disk that it leaves; 'same' where half of the operation is nothing, and undefined if none was left to die in. */
        const left = (when: Fault['when'], at: number): MemoryFileSystem | 'same' | undefined => {
          const disk = links ? fs.crashClone() : withoutLinks(fs);
          const faulty = new FaultyFileSystem(disk);
          const ordering = new OrderingFileSystem(faulty);
          faulty.arm({ at, when, errno: 'EIO', forever: true });
          try {
            repair(ordering);
          } catch (error) {
            assert.ok(error instanceof LsmError && error.code === 'LSM_IO', String(error));
          }
          assert.deepEqual(ordering.violations, []);
          if (faulty.faults === 0) return undefined;
          if (when === 'half' && faulty.trace[at - 1].kind !== 'append') return 'same';
          return disk.crashClone();
        };
        let deaths = 0;
        for (const when of ['before', 'half'] as const) {
          for (let at = 1; ; at++) {
            const disk = left(when, at);
            if (disk === undefined) break;
            if (disk === 'same') continue;
            deaths += 1;
            checkKept(disk, unusable);
            repair(disk);
            checkKept(disk, unusable);
            assert.deepEqual(wholeContents(disk), expected, `after operation ${at}`);
            const lost = [...lostFiles(disk).values()];
            for (const bytes of unusable) {
              assert.equal(
                lost.filter((other) => other === bytes).length,
                1,
                'it is in lost/ in the end, once',
              );
            }
          }
        }
        assert.ok(deaths > 10, `there were ${deaths} deaths`);
      });
    }
  }
});

/** Every one of the contents is there, under some name. */
function checkKept(disk: MemoryFileSystem, contents: readonly string[]): void {
  const kept = new Set(everyFile(disk).values());
  for (const bytes of contents) assert.ok(kept.has(bytes), 'what could not be used is kept');
}

describe('a repair in which any one step fails says so or gets over it', () => {
  for (const [what, make] of Object.entries(WRECKS)) {
    test(`for ${what}`, () => {
      const { fs, expected, unusable } = make();
      let failures = 0;
      for (let at = 1; ; at++) {
        const disk = fs.crashClone();
        const faulty = new FaultyFileSystem(disk);
        const watched = new OpenFilesFileSystem(faulty);
        faulty.arm({ at, when: 'before', errno: 'ENOSPC' });
        let failed = false;
        try {
          repair(watched);
        } catch (error) {
          assert.ok(error instanceof LsmError && error.code === 'LSM_NO_SPACE', String(error));
          failed = true;
        }
        assert.deepEqual(watched.openPaths(), [], 'nothing stays open');
        if (faulty.faults === 0) break;
        if (failed) failures += 1;
        checkKept(disk, unusable);
        if (failed) repair(disk);
        assert.deepEqual(wholeContents(disk), expected, `after operation ${at}`);
      }
      assert.ok(failures > 5, `there were ${failures} failures`);
    });
  }
});
