/** The programs in README.md run as they stand there. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const README = join(HERE, '../../../README.md');

const programs = Array.from(
  readFileSync(README, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms),
  ([, code]) => code,
);

test('there is a program for each face', () => {
  assert.equal(programs.length, 2);
  assert.ok(programs[0].includes('MiniLsm.open') && programs[1].includes('new MiniLevel'));
});

for (const [index, code] of programs.entries()) {
  test(`program ${index + 1} of the README runs`, (t) => {
    // Here, since it imports the package by its name; its data belong elsewhere.
    const directory = mkdtempSync(join(HERE, 'readme-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, 'program.mjs');
    writeFileSync(file, code);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      cwd: temporaryDirectory(t),
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.notEqual(stdout, '');
  });
}
