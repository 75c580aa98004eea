import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PARTS } from '../../bench/src/all/parts.ts';
import { slim } from '../../bench/src/all/slim.ts';
import type { BenchResult } from '../../bench/src/result.ts';
import { parseSettings } from '../../bench/src/settings.ts';
import { TARGETS } from '../../bench/src/targets.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { smallResult } from './small-result.ts';

const program = (name: string): string =>
  fileURLToPath(new URL(`../../bench/src/${name}/main.js`, import.meta.url));

describe('npm run bench:all', () => {
  it('gives results from which the report is made, with nothing installed', (t) => {
    const directory = temporaryDirectory(t);
    const results = join(directory, 'results');
    const all = [program('all'), '--quick', '--parts', 'load,ten-million', '--results', results];
    execFileSync(process.execPath, all, { stdio: 'pipe' });
    assert.deepEqual(readdirSync(results).sort(), ['load.json', 'ten-million.json']);
    const { runs }: BenchResult = JSON.parse(readFileSync(join(results, 'load.json'), 'utf8'));
    const last = runs[0].workloads[0].engines[0].rounds[0].timeline.at(-1);
    assert.ok((last?.diskBytes ?? 0) > 0);
    if (process.platform === 'linux') assert.ok((last?.writtenBytes ?? 0) >= runs[0].dataBytes);
    const report = [program('report'), '--no-charts', '--results', results, '--docs', directory];
    execFileSync(process.execPath, report, { stdio: 'pipe' });
    const page = readFileSync(join(directory, 'benchmarks.md'), 'utf8');
    assert.match(page, /This was a quick run/);
    assert.match(page, /\| readrandom \| .* \| [\d,]+ \| [\d,]+ \|/);
    assert.match(page, /\| load \| 2,000 \| mini-lsm \| 2,000 \|/);
  });

  it('refuses a part that it does not know', () => {
    const args = [program('all'), '--parts', 'nothing'];
    assert.throws(() => execFileSync(process.execPath, args, { stdio: 'pipe' }), /there is no part nothing/);
  });

  it('asks the benchmark for what it knows, and for every target', () => {
    const settings = PARTS.filter((part) => part.program === 'bench').map(({ args }) => parseSettings(args));
    for (const { workload, engine, against, entries, valueBytes } of TARGETS) {
      for (const name of [engine, ...(against === null ? [] : [against])]) {
        const isAsked = settings.some(
          (part) =>
            part?.workloads.includes(workload) &&
            part.engines.includes(name) &&
            part.entries.includes(entries) &&
            part.valueBytes.includes(valueBytes),
        );
        assert.ok(isAsked, `${workload} by ${name} with ${entries} entries`);
      }
    }
  });
});

describe('a result that is kept', () => {
  it('is whole but for the time lines that are not drawn, and for digits that mean nothing', () => {
    const result = withTimelines(smallResult([10_000]));
    const kept: BenchResult = JSON.parse(slim(JSON.stringify(result)));
    assert.deepEqual(kept.machine, result.machine);
    for (const { workload, engines } of kept.runs[0].workloads) {
      const before = result.runs[0].workloads.find((one) => one.workload === workload)?.engines ?? [];
      assert.equal(engines.length, before.length);
      for (const [place, { opsPerSecond, diskBytes, rounds }] of engines.entries()) {
        assert.equal(opsPerSecond, Number(before[place].opsPerSecond.toPrecision(6)));
        assert.equal(diskBytes, before[place].diskBytes);
        assert.equal(rounds[0].timeline.length, workload === 'load' ? 100 : 0);
      }
    }
  });
});

/** Every round gets the time line of the load. */
function withTimelines(result: BenchResult): BenchResult {
  const run = result.runs[0];
  const timeline =
    run.workloads.find(({ workload }) => workload === 'load')?.engines[0].rounds[0].timeline ?? [];
  const workloads = run.workloads.map((one) => ({
    ...one,
    engines: one.engines.map((own) => ({
      ...own,
      rounds: own.rounds.map((round) => ({ ...round, timeline })),
    })),
  }));
  return { ...result, runs: [{ ...run, workloads }] };
}
