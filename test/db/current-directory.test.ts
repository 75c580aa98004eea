import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('a database opened by a relative path stays where it is when the process goes elsewhere', (t) => {
  const directory = temporaryDirectory(t);
  for (const name of ['a', 'b']) mkdirSync(join(directory, name));
  const index = new URL('../../src/index.js', import.meta.url).href;
  const program = `
    import { MiniLsm } from ${JSON.stringify(index)};
    process.chdir('a');
    const one = MiniLsm.open('data');
    one.put('one', '1');
    process.chdir('../b');
    const other = MiniLsm.open('data');
    other.put('other', '2', { sync: true });
    one.flush();
    one.close();
    other.close();
    const found = [MiniLsm.open('../a/data'), MiniLsm.open('data')].map((db) => [db.has('one'), db.has('other')]);
    console.log(JSON.stringify(found));
    MiniLsm.destroy('../c/../d');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: directory,
    encoding: 'utf8',
  });
  assert.equal(output.trim(), '[[true,false],[false,true]]');
  assert.deepEqual(readdirSync(directory).sort(), ['a', 'b']);
});
