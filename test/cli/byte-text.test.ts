import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstAfterPrefix } from '../../src/cli/arguments.ts';
import { formatJson, formatLine, parseBytes } from '../../src/cli/byte-text.ts';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('any bytes printed as hex or base64 are parsed back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom('hex' as const, 'base64' as const), (bytes, encoding) => {
      assert.deepEqual(
        Buffer.from(parseBytes(formatLine(bytes, encoding), encoding, 'key')),
        Buffer.from(bytes),
      );
    }),
    { seed },
  );
});

test('any bytes are told from each other as JSON', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const json = formatJson(bytes, 'text');
      const back = typeof json === 'string' ? Buffer.from(json) : Buffer.from(json.base64, 'base64');
      assert.deepEqual(back, Buffer.from(bytes));
    }),
    { seed },
  );
});

test('any bytes are printed on one line without control characters', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.match(formatLine(bytes, 'text'), /^[^\p{Cc}\u2028\u2029]*$/u);
    }),
    { seed },
  );
});

test('text that is shown as it is stays as it is, and what is between is escaped byte by byte', () => {
  assert.equal(formatLine(Buffer.from('Zürich 𝄞\t\n\x1b[0m\u0085'), 'text'), 'Zürich 𝄞\\t\\n\\x1b[0m\\u0085');
  assert.equal(formatLine(Buffer.from('c3bcff41c3', 'hex'), 'text'), 'ü\\xffA\\xc3');
});

for (const [text, encoding] of [
  ['abc', 'hex'],
  ['0g', 'hex'],
  ['a', 'base64'],
  ['ab!=', 'base64'],
  ['====', 'base64'],
] as const) {
  test(`${JSON.stringify(text)} is not taken for ${encoding}`, () => {
    assert.throws(() => parseBytes(text, encoding, 'key'), /the key is not/);
  });
}

test('the prefix itself is left as it was', () => {
  const prefix = Buffer.from('ab');
  firstAfterPrefix(prefix);
  assert.equal(prefix.toString(), 'ab');
});

test('the key after a prefix is the least one above all keys with the prefix', () => {
  const after = (hex: string): string | undefined => {
    const bytes = firstAfterPrefix(Buffer.from(hex, 'hex'));
    return bytes && Buffer.from(bytes).toString('hex');
  };
  assert.deepEqual(['61ff', '6100', 'ffff', ''].map(after), ['62', '6101', undefined, undefined]);
});
