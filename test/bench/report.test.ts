import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { MicroReport } from '../../bench/src/micro/case.ts';
import { BENCH_DIRECTORY, hasPackage } from '../../bench/src/optional-package.ts';
import { CHART_NAMES, chartsOf } from '../../bench/src/report/charts/charts.ts';
import { drawChart } from '../../bench/src/report/charts/draw.ts';
import { thinned } from '../../bench/src/report/charts/line-panels.ts';
import { machineSection } from '../../bench/src/report/conditions-section.ts';
import { findingsOf } from '../../bench/src/report/findings.ts';
import { readInputs } from '../../bench/src/report/inputs.ts';
import { renderPage } from '../../bench/src/report/page.ts';
import { targetsSection, verdict } from '../../bench/src/report/targets-section.ts';
import type { BenchResult, TargetResult } from '../../bench/src/result.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { smallResult } from './small-result.ts';

const MAIN = fileURLToPath(new URL('../../bench/src/report/main.js', import.meta.url));
const TEMPLATE = readFileSync(join(BENCH_DIRECTORY, 'benchmarks.template.md'), 'utf8');
const NO_ECHARTS = hasPackage('echarts') ? false : 'echarts is not installed: npm install --prefix bench';

const MICRO: MicroReport = {
  kind: 'micro',
  machine: smallResult().machine,
  results: [
    {
      piece: 'crc32',
      work: '4096 bytes',
      bytes: 4096,
      medianNanoseconds: 800,
      p99Nanoseconds: 900,
      fastestNanoseconds: 700,
      samples: 10,
    },
  ],
};

function folderOf(t: TestContext, files: Readonly<Record<string, unknown>>): string {
  const folder = join(temporaryDirectory(t), 'results');
  mkdirSync(folder);
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  }
  return folder;
}

function runMain(t: TestContext, results: string, ...args: readonly string[]): string {
  const docs = join(temporaryDirectory(t), 'docs');
  execFileSync(process.execPath, [MAIN, '--results', results, '--docs', docs, ...args], { stdio: 'pipe' });
  return docs;
}

describe('npm run bench:report', () => {
  it('writes the page from results and the template, the same bytes each time', (t) => {
    const results = folderOf(t, { 'bench.json': smallResult(), 'micro.json': MICRO });
    const [first, second] = [1, 2].map(() => {
      return readFileSync(join(runMain(t, results, '--no-charts'), 'benchmarks.md'), 'utf8');
    });
    assert.equal(first, second);
    // What people wrote is still there, word for word.
    for (const line of TEMPLATE.split('\n')) {
      if (!line.startsWith('<!-- measured')) assert.ok(first.split('\n').includes(line), line);
    }
    assert.doesNotMatch(first, /measured:|undefined|NaN|Infinity|\[object/);
    assert.match(first, /\| readrandom \| .* \| 642,857 \(7 %\) \| 128,571 \(7 %\) \| 264,286 \(7 %\) \|/);
    assert.match(first, /crc32 \| 4096 bytes \| 800 \| 700 \| 5120 \|/);
    assert.match(first, /Left out: rocksdb-tools is not installed/);
    assert.match(
      first,
      /\| readrandom \| speed \| classic-level \| 642,857\/s \| 128,571\/s \| 5\.0x \| 5\.0x \| at least 4\.0x \| reached \|/,
    );
    assert.match(first, /Not judged, .*readrandom of 1,000,000 entries, speed against [^;]*rocksdb/);
    // A sign that would end a cell of a table.
    assert.match(first, /Snappy \\\| its defaults/);
  });

  it('draws every chart, small, self-contained, and dark for those who want that', {
    skip: NO_ECHARTS,
  }, (t) => {
    const docs = runMain(t, folderOf(t, { 'bench.json': smallResult() }));
    const folder = join(docs, 'benchmarks');
    assert.deepEqual(readdirSync(folder).sort(), CHART_NAMES.map((name) => `${name}.svg`).sort());
    const page = readFileSync(join(docs, 'benchmarks.md'), 'utf8');
    for (const name of CHART_NAMES) {
      const svg = readFileSync(join(folder, `${name}.svg`), 'utf8');
      assert.ok(svg.length < 40_000, `${name}: ${svg.length} bytes`);
      assert.match(
        svg,
        /^<svg role="img" [^>]*>\n<title>[^<]+<\/title>\n<style>@media\(prefers-color-scheme:dark\)/,
      );
      assert.ok(svg.endsWith('</svg>\n'), name);
      assert.doesNotMatch(svg, /<script|href=|url\((?!#)|@import|NaN|undefined/);
      assert.ok(page.includes(`(benchmarks/${name}.svg)`), name);
    }
  });

  it('draws the same bytes for the same chart', { skip: NO_ECHARTS }, () => {
    const draw = (): readonly string[] =>
      [...chartsOf(findingsOf({ benches: [smallResult()], micros: [] })).values()].map(drawChart);
    assert.deepEqual(draw(), draw());
  });

  it('changes nothing when it fails', (t) => {
    const docs = temporaryDirectory(t);
    const args = [MAIN, '--results', folderOf(t, {}), '--docs', docs];
    assert.throws(
      () => execFileSync(process.execPath, args, { stdio: 'pipe' }),
      /has no results: run npm run bench/,
    );
    assert.deepEqual(readdirSync(docs), []);
  });

  it('was run on the results that are in the repository', (t) => {
    const results = join(BENCH_DIRECTORY, 'results');
    if (!existsSync(results)) return t.skip('there are none');
    const page = readFileSync(join(runMain(t, results, '--no-charts'), 'benchmarks.md'), 'utf8');
    const committed = readFileSync(join(BENCH_DIRECTORY, '..', 'docs', 'benchmarks.md'), 'utf8');
    assert.ok(page === committed, 'docs/benchmarks.md is another: npm run bench:report');
  });
});

describe('results', () => {
  it('are read from every file, and a wrong one is named', (t) => {
    assert.equal(
      readInputs(folderOf(t, { 'a.json': smallResult(), 'b.json': smallResult() })).benches.length,
      2,
    );
    for (const wrong of ['{', '[]', 'null', { format: 2, runs: [] }, { kind: 'micro' }]) {
      const folder = folderOf(t, { 'a.json': smallResult(), 'wrong.json': wrong });
      assert.throws(() => readInputs(folder), /wrong\.json/);
    }
  });

  it('are put together by size; where two speak of the same the later one counts', () => {
    const first = smallResult([10_000, 1_000_000]);
    const second = only(smallResult([1_000_000]), 'readrandom', 'lmdb', 123);
    const { runs, main } = findingsOf({ benches: [first, second], micros: [] });
    assert.deepEqual(
      runs.map(({ entries }) => entries),
      [10_000, 1_000_000],
    );
    assert.equal(main.entries, 1_000_000);
    const workloads = (result: BenchResult): number => result.runs[0].workloads.length;
    assert.equal(main.workloads.length, workloads(first));
    const engines = main.workloads.find(({ workload }) => workload === 'readrandom')?.engines ?? [];
    assert.deepEqual(
      engines.map(({ engine, opsPerSecond }) => [engine, Math.round(opsPerSecond)]),
      [
        ['mini-lsm', 642_857],
        ['classic-level', 128_571],
        ['lmdb', 123],
      ],
    );
  });

  it('are judged together: a peer may be in another file', () => {
    const [ours, theirs] = ['mini-lsm', 'classic-level'].map((engine) =>
      only(smallResult(), 'readrandom', engine, engine === 'mini-lsm' ? 900 : 300),
    );
    const { targets } = findingsOf({ benches: [ours, theirs], micros: [] });
    const target = targets.find(
      ({ workload, against }) => workload === 'readrandom' && against === 'classic-level',
    );
    assert.equal(target?.ratio, 3);
    assert.equal(target.met, false);
  });
});

describe('a template', () => {
  const findings = findingsOf({ benches: [smallResult()], micros: [] });

  it('may not ask for what is not there, nor leave out what is', () => {
    assert.throws(
      () => renderPage(`${TEMPLATE}\n<!-- measured: luck -->\n`, findings, new Map()),
      /asks for luck/,
    );
    const without = TEMPLATE.replace('<!-- measured: targets -->', '');
    assert.throws(() => renderPage(without, findings, new Map()), /does not ask for targets/);
  });
});

describe('verdict', () => {
  const base: TargetResult = {
    workload: 'readrandom',
    engine: 'mini-lsm',
    quantity: 'opsPerSecond',
    against: 'lmdb',
    bound: 4,
    entries: 1_000_000,
    valueBytes: 100,
    ours: 3,
    theirs: 1,
    ratio: 3,
    met: false,
  };

  it('says by how much a target was missed', () => {
    assert.equal(verdict({ ...base, bound: 4, ratio: 3, met: false }), '**missed by 25 %**');
    assert.equal(verdict({ ...base, bound: 4, ratio: 3.99, met: false }), '**missed by less than 1 %**');
    assert.equal(
      verdict({ ...base, quantity: 'diskBytes', bound: 1, ratio: 1.3, met: false }),
      '**missed by 30 %**',
    );
    const alone = {
      ...base,
      quantity: 'slowest',
      against: null,
      bound: 200,
      ours: 500,
      ratio: null,
    } as const;
    assert.equal(verdict({ ...alone, met: false }), '**missed by 150 %**');
    assert.equal(verdict({ ...base, met: true }), 'reached');
  });
});

describe('the targets', () => {
  it('say how far a peer came that was stopped', () => {
    const full = smallResult([10_000_000]);
    const cut = {
      ...full,
      runs: full.runs.map((run) => ({
        ...run,
        workloads: run.workloads.map((one) => ({
          ...one,
          engines: one.engines.map((own) =>
            own.engine === 'classic-level' ? { ...own, operations: 5000 } : own,
          ),
        })),
      })),
    };
    assert.match(
      targetsSection(findingsOf({ benches: [cut], micros: [] })),
      /\| load \| 99\.99th [^\n]* \(its first 5,000\) \|/,
    );
    assert.doesNotMatch(targetsSection(findingsOf({ benches: [full], micros: [] })), /its first/);
  });
});

describe('a machine that was busy', () => {
  it('is told of, and a quiet one is not', () => {
    const quiet = smallResult();
    const busy = {
      ...quiet,
      runs: quiet.runs.map((run) => ({
        ...run,
        workloads: run.workloads.map((one) => ({
          ...one,
          engines: one.engines.map((own) => ({ ...own, opsPerSecond: own.opsPerSecond / 4 })),
        })),
      })),
    };
    const tell = (bench: BenchResult): string => machineSection(findingsOf({ benches: [bench], micros: [] }));
    assert.match(tell(busy), /busy with other things.* had 25 % of a processor/);
    assert.doesNotMatch(tell(quiet), /busy/);
  });
});

describe('a line with many points', () => {
  it('keeps the highest of each stretch', () => {
    const points = Array.from({ length: 1000 }, (_, x) => [x, x === 777 ? 99 : x % 10] as const);
    const left = thinned(points, 100);
    assert.ok(left.length <= 100);
    assert.ok(left.some(([x, y]) => x === 777 && y === 99));
    assert.deepEqual(thinned(points, 1000), points);
  });
});

/** The result with one figure alone. */
function only(result: BenchResult, workload: string, engine: string, opsPerSecond: number): BenchResult {
  return {
    ...result,
    runs: result.runs.map((run) => ({
      ...run,
      workloads: run.workloads
        .filter((one) => one.workload === workload)
        .map((one) => ({
          ...one,
          engines: one.engines
            .filter((own) => own.engine === engine)
            .map((own) => ({ ...own, opsPerSecond })),
        })),
    })),
  };
}
