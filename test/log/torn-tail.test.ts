/** What can only be the rest of a mark, and what may be the beginning of data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileWindow } from '../../src/log/file-window.ts';
import { encodeMark, RECORD_DATA, RECORD_END, RECORD_HEADER_BYTES } from '../../src/log/log-format.ts';
import { isLostMark } from '../../src/log/torn-tail.ts';
import { PATH, SEED } from './log-fixture.ts';
import { StubFileSystem } from './stub-file-system.ts';

const SECTOR = 512;
const OFFSET = 100;

function isLost(tail: Uint8Array, offset = OFFSET): boolean {
  const fs = new StubFileSystem();
  fs.files.set(PATH, Buffer.concat([new Uint8Array(offset), tail]));
  return isLostMark(new FileWindow(fs.openFile(PATH)), SEED, offset);
}

for (const [name, kind] of [
  ['seal', RECORD_DATA],
  ['trailer', RECORD_END],
] as const) {
  test(`the beginning of a ${name} is one, from where it says so`, () => {
    const mark = encodeMark(kind, SEED, OFFSET);
    for (let length = 0; length < RECORD_HEADER_BYTES; length++) {
      // Up to there a record with a payload can look the same, with what is missing of it zero.
      assert.equal(isLost(mark.subarray(0, length)), length > 13, `${length} bytes`);
    }
  });

  test(`a ${name} over two sectors may have lost the one or the other`, () => {
    for (let first = 1; first < RECORD_HEADER_BYTES; first++) {
      const offset = SECTOR - first;
      const mark = encodeMark(kind, SEED, offset);
      assert.ok(isLost(mark.slice().fill(0, 0, first), offset));
      assert.ok(isLost(mark.slice().fill(0, first), offset));
      assert.ok(!isLost(mark.slice().fill(255, first), offset));
    }
  });
}

test('zeros are the room of a mark if they fill it, unless pages of a longer record end there', () => {
  const room = new Uint8Array(RECORD_HEADER_BYTES);
  assert.ok(isLost(room));
  assert.ok(!isLost(room.subarray(1)));
  assert.ok(!isLost(new Uint8Array(RECORD_HEADER_BYTES + 1)));
  assert.ok(!isLost(room, SECTOR - RECORD_HEADER_BYTES));
});

test('a mark with another byte, and the header of a record with a payload, are none', () => {
  const mark = encodeMark(RECORD_DATA, SEED, OFFSET);
  for (let at = 0; at < mark.length; at++) {
    const changed = mark.slice();
    changed[at] ^= 1;
    assert.ok(!isLost(changed), `byte ${at}`);
  }
  assert.ok(!isLost(encodeMark(RECORD_DATA, SEED + 1, OFFSET)));
});
