/** A whole benchmark: all sizes, all rounds, and the result. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CANDIDATES } from './candidates.ts';
import type { Candidate } from './contestant.ts';
import { KEY_BYTES } from './data.ts';
import { Gathering } from './gathering.ts';
import { thisMachine } from './machine.ts';
import { type BenchResult, type EngineInfo, RESULT_FORMAT, type Run } from './result.ts';
import { runRound } from './round.ts';
import type { BenchSettings } from './settings.ts';
import { judge } from './targets.ts';

export async function bench(settings: BenchSettings): Promise<BenchResult> {
  const date = new Date().toISOString();
  const wanted = CANDIDATES.filter(({ name }) => settings.engines.includes(name));
  const engines = wanted.map(infoOf);
  const candidates = wanted.filter((_, index) => engines[index].skipped === null);
  for (const { name, skipped } of engines) {
    if (skipped !== null) process.stderr.write(`${name} is left out: ${skipped}\n`);
  }
  if (candidates.length === 0) throw new Error('none of these engines is here');
  const runs: Run[] = [];
  for (const entries of settings.entries) {
    for (const valueBytes of settings.valueBytes) {
      const most = Math.floor(settings.dataBytes / (KEY_BYTES + valueBytes));
      runs.push(await runSize(settings, candidates, { entries: Math.min(entries, most), valueBytes }));
    }
  }
  const { rounds, seed, cacheBytes, quick } = settings;
  return {
    format: RESULT_FORMAT,
    date,
    machine: thisMachine(),
    settings: { rounds, seed, keyBytes: KEY_BYTES, cacheBytes, quick },
    engines,
    runs,
    targets: judge(runs),
  };
}

async function runSize(
  settings: BenchSettings,
  candidates: readonly Candidate[],
  size: Pick<Run, 'entries' | 'valueBytes'>,
): Promise<Run> {
  const gathering = new Gathering();
  const parent = mkdtempSync(join(settings.directory, 'mini-lsm-bench-'));
  const remove = (): void => rmSync(parent, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    for (let round = 0; round < settings.rounds; round++) {
      const directory = join(parent, `round-${round + 1}`);
      mkdirSync(directory);
      await runRound({ settings, size, round, directory, candidates }, gathering);
      rmSync(directory, { recursive: true });
    }
  } finally {
    remove();
    process.off('exit', remove);
  }
  return gathering.run(size, settings.workloads, candidates);
}

function infoOf(candidate: Candidate): EngineInfo {
  const { name, kind, notes } = candidate;
  const version = candidate.version();
  return { name, kind, notes, version, skipped: version === null ? candidate.remedy : null };
}
