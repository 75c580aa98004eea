import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detachBuffer } from '../../src/fs/detach-buffer.ts';

test('every view of a buffer that was taken away has length 0 and shows nothing', () => {
  const buffer = new ArrayBuffer(64);
  const bytes = new Uint8Array(buffer, 8).fill(7);
  const part = bytes.subarray(4);
  assert.equal(detachBuffer(buffer), true);
  assert.deepEqual([buffer.byteLength, bytes.length, part.length], [0, 0, 0]);
  assert.equal(bytes[0], undefined);
  assert.equal(detachBuffer(buffer), true);
});

test('a buffer is taken away without transfer too, as on Node.js 20', () => {
  const buffer = new ArrayBuffer(64);
  Object.defineProperty(buffer, 'transfer', { value: undefined });
  assert.equal(detachBuffer(buffer), true);
  assert.equal(buffer.byteLength, 0);
  assert.equal(detachBuffer(new ArrayBuffer(0)), true);
});

test('a buffer that stays where it is is not said to be taken away', () => {
  const buffer = new ArrayBuffer(64);
  Object.defineProperty(buffer, 'transfer', { value: () => new ArrayBuffer(0) });
  assert.equal(detachBuffer(buffer), false);
  assert.equal(buffer.byteLength, 64);
});
