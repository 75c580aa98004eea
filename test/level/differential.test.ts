/** The same commands done to classic-level and to ours come to the same, values and errors alike. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { checkAsyncProperty } from '../support/property.ts';
import { TINY } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type Command, commands } from './differential-commands.ts';
import { type AnyLevel, World } from './differential-world.ts';
import { Level, OURS_ALONE } from './support.ts';

failOnLeaks();

async function assertAlike(
  t: TestContext,
  open: (directory: string) => unknown,
  runs: number,
): Promise<void> {
  const directory = temporaryDirectory(t);
  let round = 0;
  const property = fc.asyncProperty(commands, async (history) => {
    round++;
    const [theirs, ours] = [join(directory, `theirs-${round}`), join(directory, `ours-${round}`)];
    const original = new World(new ClassicLevel(theirs) as unknown as AnyLevel);
    const world = new World(open(ours) as AnyLevel);
    try {
      await original.open();
      await world.open();
      for (const [at, step] of history.entries()) {
        const [expected, actual] = [await original.run(step), await world.run(step)];
        assert.deepEqual(actual, expected, `command ${at}: ${describeCommand(step)}`);
      }
    } finally {
      await original.close();
      await world.close();
      for (const path of [theirs, ours]) rmSync(path, { recursive: true, force: true });
    }
  });
  await checkAsyncProperty(property, runs);
}

function describeCommand(step: Command): string {
  return JSON.stringify(step, (_, value) =>
    value instanceof Uint8Array ? `bytes ${Buffer.from(value).toString('hex')}` : value,
  );
}

describe('commands come to the same as with classic-level', () => {
  test('in memory, with tables and memtables as small as can be', OURS_ALONE, async (t) => {
    await assertAlike(t, () => new Level('/db', { ...TINY, fileSystem: new MemoryFileSystem() }), 150);
  });

  test('on the disk, with a worker thread', async (t) => {
    await assertAlike(t, (location) => new Level(location), 30);
  });
});
