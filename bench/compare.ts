/**
 * Runs a benchmark of an engine of ours next to classic-level. In every round each engine has a process of
 * its own, and the rows go to them in turns, the other one first in every second round, so that whatever
 * else the machine does hits both. The report goes to standard output, the progress to standard error.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { humanCount } from '../src/cli/human.ts';
import { startProgress } from '../src/cli/progress.ts';
import { resolveOptions } from '../src/options.ts';
import type { Footprint } from './child.ts';
import type { Measurement } from './clock.ts';
import { ENGINE_NAMES, type EngineName } from './engine.ts';
import { EngineProcess } from './engine-process.ts';
import { type BenchOptions, benchHelp, parseBenchOptions } from './options.ts';
import { makeReport, medianFootprint, opsPerSecond, renderReport, rowResult } from './report.ts';
import { operationsOf, type Suite } from './suite.ts';

type ByEngine<Value> = Record<EngineName, Value>;

type RoundResult = Map<string, ByEngine<Measurement>>;

/** Does what the command line says; a failure is the exit code of the process. */
export function compare(suite: Suite): void {
  run(suite).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  });
}

async function run(suite: Suite): Promise<void> {
  const options = parseBenchOptions(process.argv.slice(2), suite);
  if (options === undefined) {
    process.stdout.write(benchHelp(suite));
    return;
  }
  const directory = mkdtempSync(join(options.directory, 'mini-lsm-bench-'));
  try {
    const rounds: RoundResult[] = [];
    const footprints: ByEngine<Footprint[]> = { 'mini-lsm': [], 'classic-level': [] };
    for (let round = 0; round < options.rounds; round++) {
      rounds.push(await runRound(suite, options, round, directory, footprints));
    }
    const rows = options.rows.map((row) => {
      const pairs = rounds.map((round) => round.get(row)).filter((pair) => pair !== undefined);
      return rowResult(row, suite.rows[row], {
        'mini-lsm': pairs.map((pair) => pair['mini-lsm']),
        'classic-level': pairs.map((pair) => pair['classic-level']),
      });
    });
    const report = makeReport(suite, options, rows, {
      'mini-lsm': medianFootprint(footprints['mini-lsm']),
      'classic-level': medianFootprint(footprints['classic-level']),
    });
    process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : renderReport(suite, report)}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runRound(
  suite: Suite,
  options: BenchOptions,
  round: number,
  parent: string,
  footprints: ByEngine<Footprint[]>,
): Promise<RoundResult> {
  const { entries, encoding, seed, rows } = options;
  const classicLevelCacheBytes = options.cache === 'equal' ? resolveOptions().cacheBytes : undefined;
  const start = (engine: EngineName): EngineProcess => {
    const directory = mkdtempSync(join(parent, `${engine}-`));
    return new EngineProcess(
      suite.child,
      { engine, entries, encoding, classicLevelCacheBytes, seed: seed + round, rows, directory },
      options.profileDirectory,
    );
  };
  const processes: ByEngine<EngineProcess> = {
    'mini-lsm': start('mini-lsm'),
    'classic-level': start('classic-level'),
  };
  const turns = round % 2 === 0 ? ENGINE_NAMES : [...ENGINE_NAMES].reverse();
  const result: RoundResult = new Map();
  try {
    for (const row of rows) {
      const label = `round ${round + 1}/${options.rounds} ${row.padEnd(15)}`;
      const operations = operationsOf(suite.rows[row], entries);
      const first = await measureRow(processes[turns[0]], row, operations, `${label} ${turns[0].padEnd(13)}`);
      const second = await measureRow(
        processes[turns[1]],
        row,
        operations,
        `${label} ${turns[1].padEnd(13)}`,
      );
      const [ours, theirs] = turns[0] === 'mini-lsm' ? [first, second] : [second, first];
      result.set(row, { 'mini-lsm': ours, 'classic-level': theirs });
    }
    for (const engine of ENGINE_NAMES) footprints[engine].push(await processes[engine].finish());
  } catch (error) {
    for (const engine of ENGINE_NAMES) processes[engine].kill();
    throw error;
  }
  return result;
}

async function measureRow(
  engine: EngineProcess,
  row: string,
  total: number,
  label: string,
): Promise<Measurement> {
  const progress = startProgress({ stream: process.stderr, label, unit: 'records', total, vanish: true });
  let measurement: Measurement;
  try {
    measurement = await engine.measure(row, (done) => progress.update(done));
  } finally {
    progress.stop();
  }
  process.stderr.write(`${label} ${humanCount(opsPerSecond(measurement)).padStart(11)} op/s\n`);
  return measurement;
}
