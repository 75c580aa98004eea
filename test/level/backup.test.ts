/** Backups through the abstract-level face, made while the event loop turns and others write. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { MiniLevel } from '../../src/index.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

test('a backup may be made while others write: it holds all that was written before it was asked for', async (t) => {
  const directory = temporaryDirectory(t);
  const db = new MiniLevel(join(directory, 'db'));
  await db.put('before', '1');
  let finished = false;
  const backup = db.backup(join(directory, 'backup')).finally(() => {
    finished = true;
  });
  for (let i = 0; !finished; i++) await db.put(`during ${i}`, '2');
  const { entries } = await backup;
  assert.ok(entries >= 1);
  await MiniLevel.restore(join(directory, 'backup'), join(directory, 'restored'));
  const restored = new MiniLevel(join(directory, 'restored'));
  assert.equal(await restored.get('before'), '1');
  await restored.close();
  await db.close();
});
