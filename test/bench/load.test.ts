import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const LOAD = fileURLToPath(new URL('../../bench/load.js', import.meta.url));

test('a short load reports latency, memory and the tree, and removes its database', (t) => {
  const directory = temporaryDirectory(t);
  const args = [LOAD, '--entries', '2500', '--dir', directory];
  const report = JSON.parse(execFileSync(process.execPath, [...args, '--json'], { encoding: 'utf8' }));
  assert.equal(report.entries, 2500);
  assert.equal(report.stats.sequence, 2500);
  assert.ok(report.latency.median > 0 && report.latency.slowest >= report.latency['p99.99']);
  assert.ok(report.memory.peak > 0 && report.memory.allowed > 0);
  const text = execFileSync(process.execPath, args, { encoding: 'utf8' });
  for (const part of [
    '2,500 entries',
    'put, median',
    'put, slowest',
    'resident memory',
    'write amplification',
  ]) {
    assert.ok(text.includes(part), part);
  }
  assert.deepEqual(readdirSync(directory), []);
});
