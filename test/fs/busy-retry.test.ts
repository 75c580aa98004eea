import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryWhileBusy } from '../../src/fs/busy-retry.ts';

function failing(times: number, code: string): { attempts: number; run: () => void } {
  const state = {
    attempts: 0,
    run: () => {
      state.attempts++;
      if (state.attempts <= times) throw Object.assign(new Error(code), { code });
    },
  };
  return state;
}

/** A clock that moves one millisecond every time somebody looks. */
function clock(): () => number {
  let time = 0;
  return () => time++;
}

for (const code of ['EPERM', 'EBUSY', 'EACCES']) {
  test(`on Windows ${code} is tried again until it works`, () => {
    const work = failing(5, code);
    retryWhileBusy(work.run, 'win32', clock());
    assert.equal(work.attempts, 6);
  });
}

test('on Windows a file that stays busy fails with its own error in the end', () => {
  const work = failing(Number.POSITIVE_INFINITY, 'EBUSY');
  assert.throws(() => retryWhileBusy(work.run, 'win32', clock(), 10), { code: 'EBUSY' });
  assert.equal(work.attempts, 10);
});

test('on Windows any other error is final', () => {
  const work = failing(1, 'ENOENT');
  assert.throws(() => retryWhileBusy(work.run, 'win32', clock()), { code: 'ENOENT' });
  assert.equal(work.attempts, 1);
});

test('elsewhere a refusal is final', () => {
  const work = failing(1, 'EACCES');
  assert.throws(() => retryWhileBusy(work.run, 'linux', clock()), { code: 'EACCES' });
  assert.equal(work.attempts, 1);
});
