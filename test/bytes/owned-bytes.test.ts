import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { OwnedBytes } from '../../src/bytes/owned-bytes.ts';
import { checkProperty } from '../support/property.ts';

test('copies of any length keep their bytes, whatever is copied later', () => {
  const lengths = fc.oneof(fc.nat(70), fc.nat(3000), fc.constantFrom(64, 65, 2047, 2048, 2049, 16_384));
  checkProperty(
    fc.property(fc.array(lengths, { maxLength: 60 }), (wanted) => {
      const copies = new OwnedBytes();
      const source = new Uint8Array(20_000);
      const made = wanted.map((length, at) => {
        source.fill(at + 1);
        return copies.copy(source, 5, length);
      });
      source.fill(0);
      for (const [at, copy] of made.entries()) {
        assert.equal(copy.length, wanted[at]);
        assert.ok(copy.every((byte) => byte === at + 1));
      }
    }),
    50,
  );
});

test('posting one copy to another thread does not take away the others', () => {
  const copies = new OwnedBytes();
  const [one, other] = [1, 2].map((byte) => copies.copy(new Uint8Array(100).fill(byte), 0, 100));
  assert.equal(one.buffer, other.buffer);
  const { port1 } = new MessageChannel();
  try {
    port1.postMessage(one, [one.buffer as ArrayBuffer]); // Node 20 copies it, later versions refuse
  } catch (error) {
    assert.match(String(error), /DataCloneError/);
  }
  port1.close();
  assert.equal(other.length, 100);
  assert.ok(other.every((byte) => byte === 2));
});
