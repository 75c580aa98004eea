/**
 * One round of a run. Each engine has a process of its own, and a workload goes to them in turns, another one first
 * in every round, so that whatever else the machine does hits all.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { humanCount } from '../../src/cli/human.ts';
import { startProgress } from '../../src/cli/progress.ts';
import type { Candidate, Contestant } from './contestant.ts';
import type { Gathering } from './gathering.ts';
import type { Run } from './result.ts';
import type { BenchSettings } from './settings.ts';
import { WORKLOADS } from './workloads.ts';

export interface RoundOptions {
  readonly settings: BenchSettings;
  readonly size: Pick<Run, 'entries' | 'valueBytes'>;
  /** From 0. */
  readonly round: number;
  /** A directory that belongs to this round. */
  readonly directory: string;
  readonly candidates: readonly Candidate[];
}

/** @throws Error if one of ours breaks down; a peer that does is left out from there on, with the reason. */
export async function runRound(options: RoundOptions, gathering: Gathering): Promise<void> {
  const { settings, candidates, round } = options;
  const running = new Map<string, Contestant>();
  try {
    for (const candidate of candidates) {
      await guarded(candidate, settings.workloads, running, gathering, async () => {
        running.set(candidate.name, await start(candidate, options));
      });
    }
    const first = round % candidates.length;
    const turns = [...candidates.slice(first), ...candidates.slice(0, first)];
    for (const [index, workload] of settings.workloads.entries()) {
      for (const candidate of turns) {
        const contestant = running.get(candidate.name);
        const way = candidate.way(workload, WORKLOADS[workload]);
        if ('lacks' in way) gathering.skipped(workload, candidate.name, way.lacks);
        else if (contestant !== undefined) {
          await guarded(candidate, settings.workloads.slice(index), running, gathering, () =>
            measure(candidate.name, contestant, workload, options, gathering),
          );
        }
      }
    }
    for (const [name, contestant] of running) gathering.finished(name, await contestant.finish());
  } catch (error) {
    for (const contestant of running.values()) contestant.kill();
    throw error;
  }
}

function start(candidate: Candidate, options: RoundOptions): Promise<Contestant> {
  const { settings, size, round } = options;
  const directory = join(options.directory, candidate.name);
  mkdirSync(directory);
  const { cacheBytes, encoding, seconds, quick, profileDirectory } = settings;
  const workloads = settings.workloads.filter((name) => 'call' in candidate.way(name, WORKLOADS[name]));
  const seed = settings.seed + round;
  return candidate.start({
    ...size,
    ...{ cacheBytes, encoding, seconds, quick, profileDirectory, workloads, seed, directory },
  });
}

async function guarded(
  { name, kind }: Candidate,
  workloads: readonly string[],
  running: Map<string, Contestant>,
  gathering: Gathering,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (kind === 'mini-lsm') throw new Error(`${name}: ${message}`, { cause: error });
    process.stderr.write(`${name} is left out from here on: ${message}\n`);
    running.get(name)?.kill();
    running.delete(name);
    for (const workload of workloads) {
      gathering.skipped(workload, name, `it broke down: ${message.split('\n')[0]}`);
    }
  }
}

async function measure(
  name: string,
  contestant: Contestant,
  workload: string,
  { settings, size, round }: RoundOptions,
  gathering: Gathering,
): Promise<void> {
  const label = `round ${round + 1}/${settings.rounds} ${workload.padEnd(16)} ${name.padEnd(14)}`;
  const total = Math.min(size.entries, WORKLOADS[workload].cap ?? size.entries);
  const progress = startProgress({ stream: process.stderr, label, unit: 'records', total, vanish: true });
  try {
    const measurement = await contestant.measure(workload, (done) => progress.update(done));
    gathering.measured(workload, name, measurement);
    progress.stop();
    const speed = humanCount((measurement.operations * 1000) / measurement.milliseconds);
    process.stderr.write(`${label} ${speed.padStart(11)} op/s\n`);
  } finally {
    progress.stop();
  }
}
