/** Every example runs as it stands, on the compiled package, and prints what it promises. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** From dist/test/examples. */
const EXAMPLES = join(dirname(fileURLToPath(import.meta.url)), '../../../examples');

/** What each prints, up to the last line, which names the directory. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'json-documents': [
    'Dune is by Frank Herbert',
    'book/ubik: undefined',
    'book/dune: 1965, read',
    'book/solaris: 1961',
    'book/ubik: 1969',
    'films: 0',
  ],
  'secondary-index': ['London: Ada,Alan', 'London: nobody', 'New York: Ada,Grace'],
  queue: ['sent mail to Ada', 'took the mail to Grace and died', 'sent mail to Grace', 'sent mail to Alan'],
  'time-series': [
    'kitchen/2030-01-01T23:59:00.000Z: 25.9 degrees',
    'kitchen, 08:00 to 09:00: 22.95 degrees from 60 measurements',
    '720 measurements left',
  ],
  migration: ['imported 3 entries', '2030-01-01: A note', '2030-01-02: Another note'],
};

test('every example is run here', () => {
  const names = readdirSync(EXAMPLES).map((name) => name.replace(/\.mjs$/, ''));
  assert.deepEqual(names.sort(), Object.keys(EXPECTED).sort());
});

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`${name} does what it says, with a temporary directory as its default`, (t) => {
    const temporary = temporaryDirectory(t);
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(EXAMPLES, `${name}.mjs`)], {
      encoding: 'utf8',
      // Where os.tmpdir() looks, on every system.
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    });
    assert.equal(status, 0, stderr);
    const lines = stdout.trimEnd().split('\n');
    assert.ok(lines.pop()?.startsWith(`the database is in ${temporary}`));
    assert.deepEqual(lines, expected);
  });
}
