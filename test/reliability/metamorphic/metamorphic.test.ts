/** The explorer, and tests of itself: that it finds what is wrong, says so briefly, and fills every level. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals } from '../../../src/db/mini-lsm.ts';
import { DroppedSyncs } from '../../simulation/dropped-syncs.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { Answer } from './answer.ts';
import { type Configuration, SMALL } from './configurations.ts';
import { EngineSubject } from './engine-subject.ts';
import { explore, explorer } from './explorer.ts';
import { operationList } from './generator.ts';
import { MemoryHost } from './hosts.ts';
import { Model } from './model.ts';
import type { Operation } from './operations.ts';
import { reduce } from './reducer.ts';

failOnLeaks();

exploreInTest('every list of operations has the same history under every configuration', explorer);

/** The engine, which is given other operations than the model. */
function misled(change: (operation: Operation) => Operation): Configuration {
  return {
    name: 'misled',
    share: 1,
    start: (pool) => {
      const subject = new EngineSubject(pool, new MemoryHost(), SMALL);
      return {
        open: () => subject.open(),
        perform: (operation, answer, model) => subject.perform(change(operation), answer, model),
        finish: () => subject.finish(),
      };
    },
  };
}

/** Finds something, and tells the lines of the reduced list. */
async function findIn(configuration: Configuration): Promise<string[]> {
  const found = await explore(operationList(0, 3000), configuration).then(
    () => assert.fail('something had to be found'),
    (error: Error) => error.message,
  );
  const [title, ...lines] = found.split('\n');
  assert.match(title, new RegExp(`reduced to ${lines.length} operations:$`));
  return lines;
}

test('a get that does not heed its snapshot is found in a snapshot, a write and a get', async () => {
  const lines = await findIn(
    misled((operation) => (operation.kind === 'get' ? { kind: 'get', key: operation.key } : operation)),
  );
  assert.equal(lines.length, 3, lines.join('\n'));
});

test('a delete that is forgotten is found in a put and a delete, since everything is read in the end', async () => {
  const lines = await findIn(
    misled((operation) =>
      operation.kind === 'write'
        ? { ...operation, writes: operation.writes.filter(([, value]) => value !== null) }
        : operation,
    ),
  );
  assert.equal(lines.length, 2, lines.join('\n'));
});

test('a sync of a log that does not reach the disk is found by a power cut', async () => {
  const host = (): MemoryHost =>
    new MemoryHost((disk) => new DroppedSyncs(disk, ({ path }) => path.endsWith('.wal')));
  const lines = await findIn({
    name: 'dropped syncs',
    share: 1,
    start: (pool) => new EngineSubject(pool, host(), SMALL),
  });
  assert.match(lines[lines.length - 1], /power cut/);
});

test('a list of operations fills every level of a small tree', async () => {
  const { pool, operations } = operationList(1, 5000);
  const subject = new EngineSubject(pool, new MemoryHost(), SMALL);
  const model = new Model(pool);
  const answer = new Answer();
  const filled = new Set<number>();
  subject.open();
  for (const operation of operations) {
    model.perform(operation, answer);
    await subject.perform(operation, answer, model);
    const { levels } = internals(subject.db).core.view.version;
    for (const [level, tables] of levels.entries()) if (tables.length > 0) filled.add(level);
  }
  subject.finish();
  assert.deepEqual([...filled].sort(), [0, 1, 2, 3]);
});

test('a list is reduced to the operations that are needed, and those to the writes that are', async () => {
  const { operations } = operationList(2, 500);
  const batches = operations.filter(({ kind }) => kind === 'write');
  const wanted = batches
    .flatMap((operation) => (operation.kind === 'write' ? operation.writes : []))
    .slice(40, 42);
  const reduced = await reduce(
    operations,
    async (shorter) =>
      wanted.every((write) =>
        shorter.some((operation) => operation.kind === 'write' && operation.writes.includes(write)),
      ),
    10_000,
  );
  const left = reduced.flatMap<unknown>((operation) =>
    operation.kind === 'write' ? operation.writes : [operation],
  );
  assert.deepEqual(left, wanted);
});
