import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, utf8Bytes, utf8Length, writeUtf8 } from '../../src/bytes/utf8.ts';
import * as portable from '../../src/platform/portable.ts';
import { checkProperty } from '../support/property.ts';

const encoder = new TextEncoder();

/** Any sequence of UTF-16 code units, lone surrogates included, at lengths around the loop limits. */
const unit = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
  fc.integer({ min: 0x80, max: 0xffff }),
  fc.integer({ min: 0xd800, max: 0xdfff }),
);
const texts = fc.oneof(
  fc.string({ maxLength: 80, size: 'max' }),
  fc.array(unit, { maxLength: 80, size: 'max' }).map((units) => String.fromCharCode(...units)),
);

test('every string has the bytes that TextEncoder gives it', () => {
  checkProperty(
    fc.property(texts, (text) => {
      const expected = encoder.encode(text);
      const bytes = utf8Bytes(text);
      assert.deepEqual(bytes, expected);
      assert.equal(bytes.buffer.byteLength, bytes.length);
      assert.equal(utf8Length(text), expected.length);
    }),
    500,
  );
});

test('every string is written where it should go, in as little room as it needs', () => {
  checkProperty(
    fc.property(texts, fc.nat(3), fc.boolean(), (text, at, tight) => {
      const expected = encoder.encode(text);
      const into = new Uint8Array(at + (tight ? expected.length : 3 * text.length)).fill(0xaa);
      assert.equal(writeUtf8(text, into, at), expected.length);
      assert.deepEqual(into.slice(at, at + expected.length), expected);
      assert.ok(into.subarray(0, at).every((byte) => byte === 0xaa));
    }),
    500,
  );
});

test('a lone surrogate becomes U+FFFD, and a pair one character of four bytes', () => {
  assert.deepEqual(utf8Bytes('a\ud800'), Uint8Array.of(0x61, 0xef, 0xbf, 0xbd));
  assert.deepEqual(utf8Bytes('\udc00\ud800'), Uint8Array.of(0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd));
  assert.deepEqual(utf8Bytes('\ud83d\ude00'), Uint8Array.of(0xf0, 0x9f, 0x98, 0x80));
});

test('the first and last characters of each length have that length', () => {
  const ends: [number, string][] = [
    [1, '\u0000\u007f'],
    [2, '\u0080\u07ff'],
    [3, '\u0800\ud7ff\ue000\uffff'],
    [4, '\u{10000}\u{10ffff}'],
  ];
  for (const [length, characters] of ends) {
    for (const character of characters) {
      assert.deepEqual(utf8Bytes(character), encoder.encode(character));
      assert.equal(utf8Length(character), length);
      assert.equal(writeUtf8(character, new Uint8Array(4), 0), length);
    }
  }
});

test('any bytes decode as TextDecoder decodes them, a byte order mark kept', () => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 60, size: 'max' }), fc.nat(4), (bytes, start) => {
      const from = Math.min(start, bytes.length);
      const expected = decoder.decode(bytes.subarray(from));
      assert.equal(decodeUtf8(bytes, from, bytes.length - from), expected);
      assert.equal(portable.decodeUtf8Range(bytes, from, bytes.length - from), expected);
    }),
    500,
  );
  assert.equal(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 0, 4), '\ufeffa');
});

test('a whole string survives both ways', () => {
  checkProperty(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100, size: 'max' }), (text) => {
      const bytes = utf8Bytes(text);
      assert.equal(decodeUtf8(bytes, 0, bytes.length), text);
    }),
  );
});

test('shared memory is written and read like any other', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(200));
  const text = 'ä'.repeat(60);
  assert.equal(writeUtf8(text, shared, 3), 120);
  assert.equal(decodeUtf8(shared, 3, 120), text);
  assert.equal(portable.decodeUtf8Range(shared, 3, 120), text);
});
