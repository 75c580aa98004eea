/** How a thread names itself as the owner of a lock. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

/** Names the thread with no descriptor left to read /proc with, then with all that it takes. */
const PROGRAM = `
  import { closeSync, openSync } from 'node:fs';
  const { currentOwner } = await import(process.argv[1]);
  const taken = [];
  try {
    for (;;) taken.push(openSync('/dev/null'));
  } catch {}
  let outcome;
  try {
    outcome = 'named ' + JSON.stringify(currentOwner());
  } catch (error) {
    outcome = error.code;
  }
  for (const fd of taken) closeSync(fd);
  console.log(outcome, currentOwner().boot.length);
`;

test('a thread that the system can’t name just now gets no name that nobody could judge by', {
  skip: !existsSync('/proc/thread-self'),
}, () => {
  const module = new URL('../../src/fs/lock-owner.js', import.meta.url).href;
  const node = [process.execPath, '--input-type=module', '-e', PROGRAM, module];
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -n 100; exec "$@"', 'sh', ...node], {
    encoding: 'utf8',
  });
  assert.equal(stdout.trim(), 'EMFILE 32', stderr);
});
