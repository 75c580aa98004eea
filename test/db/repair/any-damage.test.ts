/**
 * Whatever becomes of the files, a repair makes a database of them that is whole, and in which nothing stands
 * that was never written; or it refuses, where nothing is left to tell whose files they are.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LsmError } from '../../../src/errors.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import type { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { filesIn, readBytes, replaceFile } from '../../support/edit-file.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { checkProperty } from '../../support/property.ts';
import { DATABASE } from '../../support/small-database.ts';
import { everyFile, flip, repair, scene, wholeContents } from './scenes.ts';

failOnLeaks();

/** Numbers choose among files and places by their remainder. */
type Damage = readonly [
  kind: 'flip' | 'cut' | 'zero' | 'remove' | 'swap' | 'lengthen',
  file: number,
  place: number,
];

const damage: fc.Arbitrary<Damage> = fc.tuple(
  fc.constantFrom('flip', 'flip', 'flip', 'cut', 'zero', 'remove', 'swap', 'lengthen'),
  fc.nat(1000),
  fc.nat(1_000_000),
);

function inflict(fs: MemoryFileSystem, [kind, file, place]: Damage): void {
  const names = [...filesIn(fs, DATABASE).keys()];
  if (names.length === 0) return;
  const name = names[file % names.length];
  const path = joinPath(DATABASE, name);
  const bytes = readBytes(fs, path);
  const at = place % Math.max(1, bytes.length);
  if (kind === 'remove') fs.remove(path);
  else if (kind === 'cut') replaceFile(fs, path, bytes.slice(0, at));
  else if (kind === 'zero') replaceFile(fs, path, bytes.slice().fill(0, at, at + 512));
  else if (kind === 'lengthen') replaceFile(fs, path, Uint8Array.of(...bytes, ...bytes.slice(0, at)));
  else if (kind === 'flip' && bytes.length > 0) flip(fs, name, at);
  else if (kind === 'swap') {
    const other = joinPath(DATABASE, names[place % names.length]);
    const content = readBytes(fs, other);
    replaceFile(fs, other, bytes);
    replaceFile(fs, path, content);
  }
}

test('any damage to any files', () => {
  const written = scene('killed');
  let repaired = 0;
  const property = fc.property(fc.array(damage, { minLength: 1, maxLength: 12 }), (damages) => {
    const fs = written.fs.crashClone();
    for (const each of damages) inflict(fs, each);
    const before = everyFile(fs);
    try {
      repair(fs);
    } catch (error) {
      assert.ok(error instanceof LsmError, String(error));
      assert.match(error.code, /^LSM_(CORRUPTION|NOT_FOUND)$/, error.message);
      assert.deepEqual(everyFile(fs), before, 'nothing was changed');
      return;
    }
    repaired += 1;
    const found = wholeContents(fs);
    for (const line of found) assert.ok(written.ever.has(line), `${line} was written`);
    const again = repair(fs);
    assert.deepEqual(again.problems, []);
    assert.deepEqual(wholeContents(fs), found);
  });
  checkProperty(property, 150);
  assert.ok(repaired > 0);
});
