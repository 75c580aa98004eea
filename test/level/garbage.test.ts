/**
 * Nothing that is under way is collected as garbage because the caller forgot it; and what is forgotten for
 * good is collected. The scenarios run in a process of their own, in which garbage can be collected at will.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { SCENARIOS } from './garbage-scenarios.ts';

failOnLeaks();

const PROGRAM = fileURLToPath(new URL('./garbage-scenarios.js', import.meta.url));

describe('with garbage collected', () => {
  for (const name of Object.keys(SCENARIOS)) {
    test(name, async (t) => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--expose-gc',
        PROGRAM,
        name,
        temporaryDirectory(t),
      ]);
      assert.equal(stdout, 'done');
    });
  }
});
