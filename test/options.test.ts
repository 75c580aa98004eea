import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeZstd } from '#platform';
import { MemoryFileSystem } from '../src/fs/memory-file-system.ts';
import { type Options, resolveOptions } from '../src/options.ts';
import { expectError } from './support/expect-error.ts';

const rejects = (options: unknown): string =>
  expectError('LSM_INVALID_ARGUMENT', () => resolveOptions(options as Options)).message;

test('no options are the defaults, which cannot be changed afterwards', () => {
  const resolved = resolveOptions();
  assert.equal(resolved.createIfMissing, true);
  assert.equal(resolved.memtableBytes, 8 * 1024 * 1024);
  assert.equal(resolved.compaction, 'leveled');
  assert.deepEqual(resolved.compression, ['none', 'lz4']);
  assert.ok(Object.isFrozen(resolved));
  assert.deepEqual(resolveOptions({ memtableBytes: undefined }), resolved);
});

test('what is given is taken', () => {
  const fileSystem = new MemoryFileSystem();
  const resolved = resolveOptions({ fileSystem, background: 'inline', cacheBytes: 0, errorIfExists: true });
  assert.equal(resolved.fileSystem, fileSystem);
  assert.equal(resolved.background, 'inline');
  assert.equal(resolved.cacheBytes, 0);
  assert.equal(resolved.errorIfExists, true);
});

test('an unknown option is named, and what is known is listed', () => {
  const message = rejects({ memtableSize: 1 });
  assert.match(message, /"memtableSize"/);
  assert.match(message, /memtableBytes/);
});

for (const value of ['1', 1.5, Number.NaN, Infinity, -1, 2 ** 60, null, {}, true]) {
  test(`a number option rejects ${typeof value} ${String(value)} and says its range`, () => {
    assert.match(rejects({ blockBytes: value }), /blockBytes must be a whole number from 32 to 32768/);
  });
}

test('a flag takes true and false alone', () => {
  for (const value of [1, 'true', null]) assert.match(rejects({ createIfMissing: value }), /createIfMissing/);
});

test('a choice lists what it accepts', () => {
  assert.match(rejects({ compaction: 'tiered' }), /one of leveled, simple-leveled/);
  assert.match(rejects({ background: true }), /one of worker, inline/);
  assert.match(rejects({ compression: 'snappy' }), /one of none, lz4, zstd/);
});

test('compression is one codec, or a list of them', () => {
  assert.equal(resolveOptions({ compression: 'lz4' }).compression, 'lz4');
  const list: ('none' | 'lz4')[] = ['none', 'none', 'lz4'];
  const { compression } = resolveOptions({ compression: list });
  list[0] = 'lz4';
  assert.deepEqual(compression, ['none', 'none', 'lz4']);
  assert.ok(Object.isFrozen(compression));
  // biome-ignore lint/suspicious/noSparseArray: what somebody may give.
  for (const bad of [[], [,], ['none', 'snappy'], [['none']], new Array(17).fill('none'), { 0: 'none' }, 4]) {
    assert.match(rejects({ compression: bad }), /compression must be one of .*or a list of 1 to 16/);
  }
});

test('zstd needs a runtime that has it', () => {
  for (const compression of ['zstd', ['none', 'zstd']] as const) {
    if (nativeZstd === null) assert.match(rejects({ compression }), /Node\.js 22\.15/);
    else assert.deepEqual(resolveOptions({ compression }).compression, compression);
  }
});

test('options that contradict each other are rejected', () => {
  const message = rejects({ l0SlowdownFiles: 30, l0StopFiles: 24 });
  assert.match(message, /l0SlowdownFiles \(30\) must not exceed l0StopFiles \(24\)/);
});

test('the bounds of back pressure follow from each other where only one is given', () => {
  const resolved = resolveOptions({ l0CompactionFiles: 20, slowdownPendingBytes: 2 ** 33 });
  assert.deepEqual([resolved.l0SlowdownFiles, resolved.l0StopFiles], [60, 120]);
  assert.equal(resolved.stopPendingBytes, 2 ** 35);
});

test('something that is no object is rejected', () => {
  for (const value of [null, 'x', 5, [], new Uint8Array(1), () => {}]) rejects(value);
});

test('a file system has to be one', () => {
  for (const value of [{}, 'memory', null]) assert.match(rejects({ fileSystem: value }), /fileSystem/);
});

test('a hostile object pollutes nothing', () => {
  const hostile = JSON.parse('{"__proto__": {"createIfMissing": false}}');
  assert.match(rejects(hostile), /unknown option "__proto__"/);
});
