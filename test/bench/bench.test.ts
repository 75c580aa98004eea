import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CANDIDATES } from '../../bench/src/candidates.ts';
import type { BenchResult } from '../../bench/src/result.ts';
import { WORKLOADS } from '../../bench/src/workloads.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MAIN = fileURLToPath(new URL('../../bench/src/main.js', import.meta.url));

/** Whatever is installed of the benchmark's packages, these are here. */
const AT_HAND = ['mini-lsm', 'mini-level', 'classic-level', 'sorted-map'];

/** All that live in Node.js, and are here. */
const INSTALLED = CANDIDATES.filter(({ kind, version }) => kind !== 'C++ program' && version() !== null).map(
  ({ name }) => name,
);

async function runBench(t: TestContext, ...args: string[]) {
  const directory = temporaryDirectory(t);
  const output = await promisify(execFile)(process.execPath, [MAIN, '--directory', directory, ...args], {
    maxBuffer: 64 << 20,
  });
  return { ...output, leftovers: readdirSync(directory) };
}

describe('npm run bench', () => {
  it('measures every workload on every engine that has its calls, and leaves nothing behind', async (t) => {
    const groups = 'db_bench,ycsb,mixed,level,load';
    const sizes = ['--quick', '--entries', '300', '--value-bytes', '40'];
    const { stdout, leftovers } = await runBench(
      t,
      ...['--engines', INSTALLED.join(), '--workloads', groups, ...sizes, '--json'],
    );
    const result = JSON.parse(stdout) as BenchResult;
    const [run] = result.runs;
    assert.deepEqual([run.entries, run.valueBytes, run.dataBytes], [300, 40, 300 * 56]);
    assert.deepEqual(
      run.workloads.map(({ workload }) => workload),
      Object.keys(WORKLOADS),
    );
    for (const { workload, engines, skipped } of run.workloads) {
      assert.equal(engines.length + skipped.length, INSTALLED.length, workload);
      for (const { engine, reason } of skipped) {
        assert.doesNotMatch(reason, /broke down/, `${workload} of ${engine}`);
      }
      for (const { engine, call, operations, opsPerSecond, cpuMicroseconds, rounds } of engines) {
        assert.ok(opsPerSecond > 0 && cpuMicroseconds !== null, `${workload} of ${engine}`);
        assert.ok(call.length > 0 && operations > 0 && rounds.length === 1, `${workload} of ${engine}`);
      }
    }
    const byName = new Map(run.workloads.map((each) => [each.workload, each]));
    const named = (workload: string) =>
      byName
        .get(workload)
        ?.engines.map(({ engine }) => engine)
        .filter((engine) => AT_HAND.includes(engine));
    assert.deepEqual(named('readrandom'), AT_HAND);
    assert.deepEqual(named('fillsync100'), ['mini-level', 'classic-level']);
    assert.deepEqual(named('compact'), ['mini-lsm', 'mini-level', 'classic-level']);
    for (const workload of ['mixed', 'readwhilewriting', 'load']) {
      const ours = byName.get(workload)?.engines[0];
      assert.ok((ours?.latency?.slowest ?? 0) > 0, workload);
      assert.ok((ours?.rounds[0].timeline.length ?? 0) > 0, workload);
    }
    for (const { engine, loadedBytes } of run.footprints) {
      assert.equal(loadedBytes === null, ['sorted-map', 'memory-level'].includes(engine), engine);
    }
    assert.equal(result.settings.quick, true);
    assert.deepEqual(leftovers, []);
  });

  it('gives engines the first turn in turns, shows tables, and writes JSON to a file beside them', async (t) => {
    const file = join(temporaryDirectory(t), 'result.json');
    const { stdout, stderr } = await runBench(
      t,
      ...['--engines', 'mini-lsm,sorted-map', '--workloads', 'readseq', '--quick', '--entries', '100,5000'],
      ...['--value-bytes', '1008', '--data-mib', '1', '--rounds', '2', '--json', file],
    );
    const turns = [...stderr.matchAll(/readseq +([a-z-]+)/g)].map(([, name]) => name);
    const oneSize = ['mini-lsm', 'sorted-map', 'sorted-map', 'mini-lsm'];
    assert.deepEqual(turns, [...oneSize, ...oneSize]);
    assert.match(stdout, /readseq +│ mini-lsm/);
    assert.match(stdout, /QUICK/);
    const result = JSON.parse(readFileSync(file, 'utf8')) as BenchResult;
    assert.deepEqual(
      result.runs.map(({ entries }) => entries),
      [100, 1024],
    );
    const [ours, theirs] = result.runs[0].workloads[0].engines;
    for (const { rounds, operations, opsPerSecond } of [ours, theirs]) {
      const speeds = rounds.map(({ milliseconds }) => (operations * 1000) / milliseconds);
      assert.equal(opsPerSecond, (speeds[0] + speeds[1]) / 2);
    }
  });

  it('reads as many large values from a key on as it is asked for', async (t) => {
    const sizes = ['--quick', '--entries', '100', '--value-bytes', '16384'];
    const engines = ['--engines', 'mini-lsm,mini-level,classic-level,sorted-map'];
    const { stdout } = await runBench(
      t,
      ...engines,
      ...sizes,
      '--workloads',
      'seekrandom,rangerandom',
      '--json',
    );
    const { runs } = JSON.parse(stdout) as BenchResult;
    for (const { engines: measured } of runs[0].workloads) assert.equal(measured.length, 4);
  });

  it('goes on without a peer that is not installed, and says what to do', async (t) => {
    // Without a path there is no db_bench.
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        ...[MAIN, '--directory', temporaryDirectory(t), '--engines', 'sorted-map,rocksdb'],
        ...['--workloads', 'readrandom', '--quick', '--entries', '100', '--json'],
      ],
      { env: { ...process.env, PATH: '' } },
    );
    const { engines, runs } = JSON.parse(stdout) as BenchResult;
    const rocksdb = engines.find(({ name }) => name === 'rocksdb');
    assert.equal(rocksdb?.version, null);
    assert.match(rocksdb?.skipped ?? '', /apt-get install rocksdb-tools/);
    assert.equal(runs[0].workloads[0].engines.length, 1);
  });

  it('says what is wrong with its settings, and ends with 1', async (t) => {
    await assert.rejects(runBench(t, '--engines', 'oracle'), { code: 1, stderr: /no engine oracle/ });
  });
});
