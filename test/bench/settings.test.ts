import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSettings } from '../../bench/src/settings.ts';

describe('the settings of the benchmark', () => {
  it('have defaults', () => {
    const settings = parseSettings([]);
    assert.deepEqual(settings?.entries, [1_000_000]);
    assert.deepEqual(settings?.valueBytes, [100]);
    assert.equal(settings?.rounds, 3);
    assert.equal(settings?.cacheBytes, 256 * 1024 * 1024);
    assert.equal(settings?.dataBytes, 2 * 1024 ** 3);
    assert.ok(settings?.engines.includes('rocksdb'));
    assert.ok(settings?.workloads.includes('ycsbf'));
    assert.ok(!settings?.workloads.includes('load'), 'the long load only where it is asked for');
  });

  it('are smaller for a quick look, but for what was given', () => {
    const settings = parseSettings(['--quick', '--rounds', '2']);
    assert.deepEqual(settings?.entries, [2000]);
    assert.equal(settings?.rounds, 2);
  });

  it('take lists of sizes, of engines, and of workloads and groups in the order in which they run', () => {
    const settings = parseSettings([
      ...['--entries', '1000,20000', '--value-bytes', '16,1024'],
      ...['--engines', 'lmdb,mini-lsm', '--workloads', 'ycsb,readrandom'],
    ]);
    assert.deepEqual(settings?.entries, [1000, 20_000]);
    assert.deepEqual(settings?.valueBytes, [16, 1024]);
    assert.deepEqual(settings?.engines, ['mini-lsm', 'lmdb']);
    assert.equal(settings?.workloads[0], 'readrandom');
    assert.equal(settings?.workloads.length, 7);
  });

  it('give JSON instead of tables, or to a file', () => {
    assert.equal(parseSettings([])?.json, undefined);
    assert.equal(parseSettings(['--json'])?.json, true);
    assert.equal(parseSettings(['--json', 'result.json'])?.json, 'result.json');
  });

  it('show help that names every engine and workload', () => {
    let help = '';
    const settings = parseSettings(['--help'], (text) => {
      help += text;
    });
    assert.equal(settings, undefined);
    for (const name of ['better-sqlite3', 'readwhilewriting', 'ycsbe']) assert.ok(help.includes(name), name);
  });

  it('are refused with what is wrong', () => {
    for (const [args, message] of [
      [['--engines', 'oracle'], /no engine oracle; there are mini-lsm/],
      [['--workloads', 'readsideways'], /no workload readsideways; there are fillseq/],
      [['--entries', '1e6'], /whole number/],
      [['--entries', '10'], /from 100/],
      [['--value-bytes', '-1'], /whole number/],
      [['--rounds', '0'], /from 1/],
      [['--encoding', 'latin1'], /utf8, view/],
      [['--fast'], /unknown option/],
      [['readrandom'], /too many arguments/],
    ] as const) {
      assert.throws(() => parseSettings(args), message, args.join(' '));
    }
  });
});
