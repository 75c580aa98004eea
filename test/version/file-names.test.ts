import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { manifestFileName, parseFileName, tableFileName, walFileName } from '../../src/version/file-names.ts';
import { checkProperty } from '../support/property.ts';

test('a name has at least six digits', () => {
  assert.equal(tableFileName(123), '000123.sst');
  assert.equal(walFileName(7), '000007.wal');
  assert.equal(manifestFileName(1), 'MANIFEST-000001');
  assert.equal(tableFileName(12_345_678), '12345678.sst');
});

test('every name that is made is parsed back', () => {
  const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  checkProperty(
    fc.property(number, (n) => {
      assert.deepEqual(parseFileName(tableFileName(n)), { kind: 'table', number: n });
      assert.deepEqual(parseFileName(walFileName(n)), { kind: 'wal', number: n });
      assert.deepEqual(parseFileName(manifestFileName(n)), { kind: 'manifest', number: n });
    }),
  );
});

test('the files without a number are known', () => {
  assert.equal(parseFileName('CURRENT')?.kind, 'current');
  assert.equal(parseFileName('CURRENT.tmp')?.kind, 'current-temporary');
  assert.equal(parseFileName('LOCK-000001')?.kind, 'lock');
});

const HOSTILE = [
  '',
  '.',
  '..',
  '/',
  '../000001.sst',
  'x/000001.sst',
  '000001.sst/',
  '000001.sst\n',
  '\n000001.sst',
  '000001.sst\0',
  '000001.SST',
  '000001.sst.tmp',
  '000000.sst',
  '00001.sst',
  '0000001.sst',
  '+00001.sst',
  '-00001.sst',
  '1e0005.sst',
  '0x0001.sst',
  '٠٠٠٠٠١.sst',
  '9007199254740992.sst',
  '99999999999999999.sst',
  `${'9'.repeat(5000)}.sst`,
  'MANIFEST',
  'MANIFEST-',
  'MANIFEST-1',
  'MANIFEST-000000',
  'manifest-000001',
  'MANIFEST-000001.sst',
  'MANIFEST-000001 ',
  'CURRENT ',
  'current',
  'CURRENT.tmp.tmp',
  'LOCKED',
  'LOCK-',
  'LOCK-../x',
  'LOCK-000000',
  '__proto__',
  'constructor',
];

for (const name of HOSTILE) {
  test(`${JSON.stringify(name.slice(0, 40))} is nobody's file`, () => {
    assert.equal(parseFileName(name), undefined);
  });
}

test('whatever is parsed has exactly that name', () => {
  const part = fc.constantFrom('0', '00000', '1', '9', '.sst', '.wal', 'MANIFEST-', '-', '/', '\n', 'LOCK');
  checkProperty(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const name = parts.join('');
      const parsed = parseFileName(name);
      if (parsed === undefined || parsed.number === 0) return;
      const make = { table: tableFileName, wal: walFileName, manifest: manifestFileName }[
        parsed.kind as 'table' | 'wal' | 'manifest'
      ];
      assert.equal(make(parsed.number), name);
    }),
    1000,
  );
});
