import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { waysOf } from './branches.ts';

test('the ways of a module stand at their places in its source, and only those count that were taken', async () => {
  const untaken = await waysOf('src/log/log-format.js', []);
  const lines = readFileSync(new URL('../../../../src/log/log-format.ts', import.meta.url), 'utf8').split(
    '\n',
  );
  assert.ok(untaken.length > 10);
  for (const { file, line, code, taken } of untaken) {
    assert.equal(file, 'src/log/log-format.ts');
    assert.equal(lines[line - 1].trim(), code);
    assert.equal(taken, false);
  }
  const version = untaken.filter(({ code }) => code === 'if (version !== FORMAT_VERSION) {');
  assert.deepEqual(
    version.map(({ way }) => way),
    ['if: then', 'if: else'],
  );
  const all = await waysOf('src/log/log-format.js', new Array<number>(1000).fill(1));
  assert.ok(all.every(({ taken }) => taken));
});
