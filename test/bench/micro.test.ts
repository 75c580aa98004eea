import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MICRO_CASES } from '../../bench/src/micro/cases.ts';
import { hasPackage, loadPackage } from '../../bench/src/optional-package.ts';

const MAIN = fileURLToPath(new URL('../../bench/src/micro/main.js', import.meta.url));

describe('npm run bench:micro', () => {
  for (const micro of MICRO_CASES) {
    it(`does what it measures, every time: ${micro.piece}, ${micro.work}`, () => {
      const run = micro.prepare();
      for (const result of [run(), run()]) assert.ok(micro.isRight(result), String(result));
    });
  }

  it('notices when nothing was done', () => {
    for (const { piece, work, isRight } of MICRO_CASES) assert.ok(!isRight(0), `${piece}, ${work}`);
  });

  it('has a name for each', () => {
    assert.equal(new Set(MICRO_CASES.map(({ piece, work }) => `${piece}: ${work}`)).size, MICRO_CASES.length);
  });

  const skip = hasPackage('tinybench') ? false : 'tinybench is not installed: npm install --prefix bench';
  it('measures those that are asked for', { skip }, () => {
    const args = [MAIN, '--only', 'crc32', '--time', '1', '--json'];
    const { kind, machine, results } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    assert.equal(kind, 'micro');
    assert.equal(machine.node, process.version);
    assert.equal(results.length, 3);
    for (const { piece, medianNanoseconds, fastestNanoseconds, samples } of results) {
      assert.equal(piece, 'crc32');
      assert.ok(0 < fastestNanoseconds && fastestNanoseconds <= medianNanoseconds && samples > 0);
    }
  });

  it('refuses what it does not know', () => {
    for (const args of [['--only', 'flux'], ['--time', '0'], ['--fast']]) {
      assert.throws(() => execFileSync(process.execPath, [MAIN, ...args], { stdio: 'ignore' }), {
        status: 1,
      });
    }
  });
});

describe('loadPackage', () => {
  it('says what to install', () => {
    assert.throws(
      () => loadPackage('no-such-package'),
      /no-such-package is not installed: run npm install --prefix bench/,
    );
  });
});
