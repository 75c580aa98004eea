import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeReadableFile, type ReadCalls } from '../../src/fs/node-readable-file.ts';
import { expectError } from '../support/expect-error.ts';

/** A file of the numbers 0, 1, 2, ... that gives at most `most` bytes a call. */
function callsGiving(most: number, size: number): ReadCalls {
  return {
    read: (_fd, into, start, length, position) => {
      const got = Math.max(0, Math.min(most, length, size - position));
      for (let i = 0; i < got; i++) into[start + i] = position + i;
      return got;
    },
    close: () => {},
  };
}

test('short reads are continued until everything is there', () => {
  const file = new NodeReadableFile(-1, '/a', 10, callsGiving(3, 10));
  const into = new Uint8Array(9);
  file.read(into, 1, 8, 2);
  assert.deepEqual([...into], [0, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a file that became shorter after it was opened is damaged at its new end', () => {
  const file = new NodeReadableFile(-1, '/a', 10, callsGiving(3, 4));
  const error = expectError('LSM_CORRUPTION', () => file.read(new Uint8Array(8), 0, 8, 2));
  assert.equal(error.offset, 4);
});

test('an error of the device names the file and the offset', () => {
  const failure = Object.assign(new Error('i/o error'), { code: 'EIO' });
  const read = (): number => {
    throw failure;
  };
  const file = new NodeReadableFile(-1, '/a', 10, { read, close: () => {} });
  const error = expectError('LSM_IO', () => file.read(new Uint8Array(8), 0, 8, 2));
  assert.deepEqual([error.file, error.offset, error.cause], ['/a', 2, failure]);
});

test('what the system says to the end of reading is nobody’s business', () => {
  const close = (): void => {
    throw Object.assign(new Error('i/o error'), { code: 'EIO' });
  };
  const file = new NodeReadableFile(-1, '/a', 1, { ...callsGiving(1, 1), close });
  file.close();
  expectError('LSM_CLOSED', () => file.read(new Uint8Array(1), 0, 1, 0));
});
