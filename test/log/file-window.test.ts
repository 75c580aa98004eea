import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FileWindow } from '../../src/log/file-window.ts';
import { checkProperty } from '../support/property.ts';
import { StubFileSystem } from './stub-file-system.ts';

const CONTENT: Uint8Array = new Uint8Array(300_000).map((_, i) => i * 31 + (i >> 8));

function windowOver(content: Uint8Array): FileWindow {
  const fs = new StubFileSystem();
  fs.files.set('f', content);
  return new FileWindow(fs.openFile('f'));
}

test('whatever ranges are asked for, in whatever order, they hold the bytes of the file', () => {
  const length = fc.oneof(fc.nat(200), fc.nat(70_000), fc.constantFrom(0, 65_535, 65_536, 65_537));
  const near = fc.oneof(fc.integer({ min: -100, max: 200 }), fc.integer({ min: -70_000, max: 140_000 }));
  checkProperty(
    fc.property(fc.array(fc.tuple(near, length), { maxLength: 20, size: 'max' }), (moves) => {
      const window = windowOver(CONTENT);
      let position = 0;
      for (const [step, wanted] of moves) {
        position = Math.min(Math.max(0, position + step), CONTENT.length);
        const size = Math.min(wanted, CONTENT.length - position);
        const start = window.load(position, size);
        const found = Buffer.from(window.bytes.buffer, start, size);
        assert.ok(found.equals(CONTENT.subarray(position, position + size)));
      }
      assert.ok(window.bytes.length <= 70_000);
    }),
  );
});

test('a range that reaches beyond the file is refused', () => {
  const window = windowOver(CONTENT.subarray(0, 100));
  assert.throws(() => window.load(90, 11), { code: 'LSM_INTERNAL' });
  assert.equal(window.bytes.length, 100);
});
