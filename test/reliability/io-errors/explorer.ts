/**
 * Every operation on the disk fails, reads and closes included, in every way (faults.ts), in every workload
 * (workloads.ts). Nothing may be swallowed: the error comes out of the call, or it has changed nothing that
 * anybody could ever notice; what is read is right or refused; and what holds afterwards is in aftermath.ts.
 *
 * A case is one workload, in which each operation fails in turn, in one of its ways: the first pass over the
 * workloads takes one way for each operation, the next pass another, until all ways are through. Then come
 * random workloads.
 */
import { LsmError } from '../../../src/errors.ts';
import { FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import {
  ALL_KINDS,
  describeOperation,
  type Operation,
  type OperationKind,
} from '../../simulation/operation.ts';
import { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import { Random } from '../../support/random.ts';
import type { Counts, Explorer } from '../explorer.ts';
import { checkAftermath } from '../world/aftermath.ts';
import type { Trouble } from '../world/trouble.ts';
import { World } from '../world/world.ts';
import { describeFailure, type Failure, failuresOf, laterFailures } from './faults.ts';
import { randomWorkload, WORKLOADS, type Workload } from './workloads.ts';

/** Operations of kinds that hardly ever come fail in all their ways in the first pass. */
const RARE: ReadonlySet<OperationKind> = new Set([
  'makeDirectory',
  'removeDirectory',
  'lock',
  'unlock',
  'link',
  'rename',
]);

/** As many as the operation with the most ways to fail has. */
export const PASSES: number = Math.max(...ALL_KINDS.map((kind) => failuresOf(kind).length));

export const explorer: Explorer = {
  name: 'io-errors',
  unit: 'injected errors',
  budget: { test: 20_000, long: 500_000 },
  explore: async (seed) => {
    const pass = Math.floor(seed / WORKLOADS.length);
    const isListed = pass < PASSES;
    const workload = isListed ? WORKLOADS[seed % WORKLOADS.length] : randomWorkload(seed);
    return await exploreWorkload(workload, seed, ({ kind }, index) => {
      const failures = failuresOf(kind);
      if (!isListed) return [failures[new Random(seed * 1009 + index).below(failures.length)]];
      if (RARE.has(kind)) return pass === 0 ? failures : [];
      return pass < failures.length ? [failures[(index + pass) % failures.length]] : [];
    });
  },
};

/** Has every operation of a workload fail, each in a run of its own, as `choose` says. */
async function exploreWorkload(
  workload: Workload,
  seed: number,
  choose: (operation: Operation, index: number) => readonly Failure[],
): Promise<Counts> {
  const operations = await operationsOf(workload);
  let injected = 0;
  for (const [index, operation] of operations.entries()) {
    for (const failure of choose(operation, index)) {
      const run = (): Promise<void> =>
        inject(workload, operation, index, failure, new Random(seed * 7919 + index));
      try {
        await withoutStacks(run);
      } catch {
        await explain(
          run,
          `${workload.name}, operation ${index + 1}, ${describeOperation(operation)}`,
          failure,
        );
      }
      injected += 1;
    }
  }
  return { 'injected errors': injected };
}

/** Errors are thrown by the hundred thousand; to note where costs more than anything else about them. */
async function withoutStacks(run: () => Promise<void>): Promise<void> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The same run once more, to see where it goes wrong. */
async function explain(run: () => Promise<void>, where: string, failure: Failure): Promise<never> {
  let cause: unknown = 'but not when it was repeated';
  try {
    await run();
  } catch (error) {
    cause = error;
  }
  throw new Error(`${where}: ${describeFailure(failure)}`, { cause });
}

/** What a workload does on a disk that works. */
export async function operationsOf(workload: Workload): Promise<readonly Operation[]> {
  const { world, faulty } = newWorld(workload);
  await workload.run(world);
  const operations = [...faulty.trace];
  checkAftermath(world, new Random(1));
  return operations;
}

async function inject(
  workload: Workload,
  operation: Operation,
  index: number,
  failure: Failure,
  random: Random,
): Promise<void> {
  const { world, faulty } = newWorld(workload);
  faulty.arm({
    at: index + 1,
    when: failure.when,
    errno: failure.errno,
    forever: laterFailures(operation.kind, failure),
    onFailedSync: (path) => {
      if (failure.unsynced === 'pending') return;
      world.disk.failSync(path, failure.unsynced);
      if (failure.unsynced === 'revert') world.history.losesUnsynced();
    },
  });
  await workload.run(world);
  if (faulty.faults === 0) throw new Error('the operation was not reached: the run is not repeatable');
  checkAftermath(world, random);
}

function newWorld(workload: Workload): { world: World; faulty: FaultyFileSystem } {
  const start = workload.start?.();
  const disk = new SimulatedFileSystem(start?.image);
  const faulty = new FaultyFileSystem(disk, undefined, new Set(ALL_KINDS));
  const trouble: Trouble = {
    fileSystem: faulty,
    count: () => faulty.faults,
    made: (error) => error instanceof LsmError && faulty.injected.includes(error),
    quietly: (work) => faulty.quietly(work),
    end: () => faulty.arm(undefined),
  };
  const world = new World(disk, trouble, workload.options);
  if (start !== undefined) world.history.settle(start.state);
  return { world, faulty };
}
