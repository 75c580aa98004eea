import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { isBytes } from '../../src/bytes/is-bytes.ts';

test('a Uint8Array is bytes, and so is a Buffer, a part of one and one over shared memory', () => {
  assert.ok(isBytes(new Uint8Array(2)));
  assert.ok(isBytes(Buffer.from('ab')));
  assert.ok(isBytes(Buffer.from('abc').subarray(1)));
  assert.ok(isBytes(new Uint8Array(new SharedArrayBuffer(2))));
});

test('a Uint8Array of another realm is bytes', () => {
  const foreign: unknown = vm.runInNewContext('new Uint8Array([1, 2])');
  assert.equal(foreign instanceof Uint8Array, false);
  assert.ok(isBytes(foreign));
});

test('nothing else is', () => {
  const others: unknown[] = [
    new Uint8ClampedArray(2),
    new Int8Array(2),
    new Uint16Array(2),
    new DataView(new ArrayBuffer(2)),
    new ArrayBuffer(2),
    new SharedArrayBuffer(2),
    [1, 2],
    { length: 2, [Symbol.toStringTag]: 'Uint8Array' },
    'ab',
    1,
    null,
    undefined,
  ];
  for (const other of others) assert.equal(isBytes(other), false);
});
