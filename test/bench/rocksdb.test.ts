import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMANDS } from '../../bench/src/rocksdb/commands.ts';
import { parseOutput } from '../../bench/src/rocksdb/output.ts';
import { WORKLOADS } from '../../bench/src/workloads.ts';

const OUTPUT = `RocksDB:    version 7.8.3
readtocache  :       1.294 micros/op 772589 ops/sec 0.164 seconds 126330 operations;   85.5 MB/s
readrandom   :       7.508 micros/op 132713 ops/sec 1.507 seconds 200000 operations;    9.3 MB/s (126082 of 200000 found)
readseq      :       0.100 micros/op 10000000 ops/sec 0.000 seconds 100 operations;
`;

describe('what db_bench prints', () => {
  it('gives operations and time of a benchmark by its name', () => {
    assert.deepEqual(parseOutput(OUTPUT, 'readrandom'), { operations: 200_000, milliseconds: 1507 });
  });

  it('has no time of zero, which would be endless speed', () => {
    assert.equal(parseOutput(OUTPUT, 'readseq').milliseconds, 0.5);
  });

  it('is an error without the benchmark', () => {
    assert.throws(() => parseOutput(OUTPUT, 'read'), /no result of read/);
  });
});

describe('the benchmarks of db_bench', () => {
  it('are each for a workload that there is, on the same kind of database', () => {
    for (const [name, { database }] of Object.entries(COMMANDS)) {
      assert.equal(WORKLOADS[name]?.database, database, name);
    }
  });
});
