import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { toHex } from '../support/hex.ts';

test('what is written stands one after the other', () => {
  const writer = new ByteWriter();
  writer.u8(1);
  writer.u16(2);
  writer.u32(3);
  writer.u64(4);
  writer.append(Uint8Array.of(5, 6));
  writer.append(Uint8Array.of(7, 8, 9, 10), 1, 2);
  assert.equal(toHex(writer.view()), '01' + '0200' + '03000000' + '0400000000000000' + '0506' + '0809');
  assert.equal(writer.length, 19);
});

test('it grows from nothing and keeps what it held', () => {
  const writer = new ByteWriter(0);
  for (let i = 0; i < 1000; i++) writer.u16(i);
  writer.append(new Uint8Array(5000).fill(7));
  assert.equal(writer.length, 7000);
  const view = writer.view();
  for (let i = 0; i < 1000; i++) assert.equal(view[2 * i] + 256 * view[2 * i + 1], i);
  assert.ok(view.subarray(2000).every((byte) => byte === 7));
});

test('reserve makes room and leaves the end where it is', () => {
  const writer = new ByteWriter(4);
  writer.u8(1);
  assert.equal(writer.reserve(100), 1);
  assert.equal(writer.length, 1);
  assert.ok(writer.bytes.length >= 101);
});

test('clear forgets the bytes and keeps the memory', () => {
  const writer = new ByteWriter(8);
  writer.u64(1);
  const memory = writer.bytes;
  writer.clear();
  assert.equal(writer.view().length, 0);
  writer.u64(2);
  assert.equal(writer.bytes, memory);
});
