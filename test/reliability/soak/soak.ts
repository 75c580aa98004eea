/**
 * A database under mixed load with faults for as long as one likes: episode after episode on the same
 * directory, each with other options. Between two of them it was closed, or its process died, for which a copy
 * of the directory as it is at that moment takes its place. What the process and the directory take is
 * measured after each, and must stay within bounds.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseFileName } from '../../../src/version/file-names.ts';
import { Random } from '../../support/random.ts';
import { Episode, type Expected } from './episode.ts';
import { complaints, descriptorCount, type Sample, type Trend, takeSample, trendOf } from './resources.ts';

export interface SoakReport {
  readonly seconds: number;
  readonly episodes: number;
  readonly operations: number;
  readonly crashes: number;
  readonly failedWrites: number;
  readonly verified: number;
  /** Bytes. */
  readonly residentMemory: Trend;
  readonly descriptors: Trend;
  readonly files: Trend;
  /** What is not bounded; nothing if all is well. */
  readonly complaints: readonly string[];
}

export interface SoakPlan {
  readonly seed: number;
  /** A directory of its own, which exists. */
  readonly directory: string;
  /** Whether to go on after so many operations and seconds. */
  readonly goesOn: (operations: number, seconds: number) => boolean;
  readonly onEpisode?: (operations: number, sample: Sample) => void;
}

/** Operations of an episode: some thousand, so that a soak of minutes has many. */
const EPISODE = 1500;

/** Files that a database of these options may consist of: 2000 entries are some twenty tables. */
const MOST_FILES = 150;

export async function soak({ seed, directory, goesOn, onEpisode }: SoakPlan): Promise<SoakReport> {
  const random = new Random(seed);
  const expected: Expected = { entries: new Map(), doubtful: undefined };
  const tally = { operations: 0, failedWrites: 0, verified: 0 };
  const samples: Sample[] = [];
  const begin = performance.now();
  const seconds = (): number => (performance.now() - begin) / 1000;
  let crashes = 0;
  let place = join(directory, 'db');
  mkdirSync(place);
  const descriptorsBefore = descriptorCount();
  while (goesOn(tally.operations, seconds())) {
    const episode = new Episode(place, random, expected, tally);
    let crashed: string | undefined;
    try {
      await episode.run(100 + random.below(EPISODE));
      if (random.oneIn(3)) crashed = copyOf(place, join(directory, `after-crash-${++crashes}`));
    } finally {
      await episode.close();
    }
    if (crashed !== undefined) {
      rmSync(place, { recursive: true });
      place = crashed;
    }
    await descriptorsBackTo(descriptorsBefore);
    const sample = takeSample(seconds(), place);
    samples.push(sample);
    onEpisode?.(tally.operations, sample);
  }
  return {
    seconds: seconds(),
    episodes: samples.length,
    crashes,
    ...tally,
    residentMemory: trendOf(samples, (sample) => sample.residentBytes),
    descriptors: trendOf(samples, (sample) => sample.descriptors),
    files: trendOf(samples, (sample) => sample.files),
    complaints: complaints(samples, MOST_FILES),
  };
}

/** What a process that dies now would leave; its lock is nobody's. */
function copyOf(directory: string, copy: string): string {
  cpSync(directory, copy, {
    recursive: true,
    filter: (path) => parseFileName(path.slice(path.lastIndexOf('/') + 1))?.kind !== 'lock',
  });
  return copy;
}

/** Threads that were told to end take their descriptors with them, a little later. */
async function descriptorsBackTo(count: number): Promise<void> {
  for (let tries = 0; tries < 200 && descriptorCount() > count; tries++) await setTimeout(10);
}
