import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mappingFileSystem } from '../../src/fs/mapping-file-system.ts';
import { loadMapCalls, type MapCalls, mapMemory } from '../../src/fs/memory-map.ts';
import { expectError } from '../support/expect-error.ts';
import { MAPPINGS_ARE_MISSING } from '../support/real-mappings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const OURS = { version: '3.0.0', view: (): void => {}, sizeof: (): number => 8 };

/** What `require` says of a package that is not there. */
function absent(): never {
  throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
}

/** Calls that map nothing but remember what they were asked. */
function fakeCalls(buffer: ArrayBuffer): MapCalls & { readonly unmapped: unknown[] } {
  const unmapped: unknown[] = [];
  return {
    unmapped,
    map: () => 4096n,
    unmap: (address, length) => unmapped.push([address, length]),
    view: () => buffer,
  };
}

test('the option says what to install where the package is missing', () => {
  const error = expectError('LSM_INVALID_ARGUMENT', () => loadMapCalls('linux', absent));
  assert.match(error.message, /npm install koffi/);
});

test('a package that does not load, one that is too old, and another of that name are refused', () => {
  const broken = new Error('wrong ELF class');
  const load = (): never => {
    throw broken;
  };
  assert.equal(expectError('LSM_INVALID_ARGUMENT', () => loadMapCalls('darwin', load)).cause, broken);
  for (const found of [{ ...OURS, version: '2.16.0' }, { view: () => {} }, {}, null, 'koffi']) {
    const error = expectError('LSM_INVALID_ARGUMENT', () => loadMapCalls('linux', () => found));
    assert.match(error.message, /koffi@3/);
  }
});

test('other systems, and processes with a small address space, are refused', () => {
  for (const platform of ['win32', 'freebsd']) {
    const error = expectError('LSM_INVALID_ARGUMENT', () => loadMapCalls(platform, absent));
    assert.match(error.message, /Linux and macOS/);
  }
  expectError('LSM_INVALID_ARGUMENT', () => loadMapCalls('linux', () => ({ ...OURS, sizeof: () => 4 })));
});

test('nothing is unmapped before its view was taken away, nor twice', () => {
  const calls = fakeCalls(new ArrayBuffer(16));
  const mapping = mapMemory(3, 16, calls);
  assert.ok(mapping !== undefined);
  const { bytes } = mapping;
  assert.equal(bytes.length, 16);
  mapping.unmap();
  mapping.unmap();
  assert.deepEqual([bytes.length, mapping.bytes.length], [0, 0]);
  assert.deepEqual(calls.unmapped, [[4096n, 16]]);
});

test('a view that cannot be taken away stays mapped', () => {
  const buffer = new ArrayBuffer(16);
  Object.defineProperty(buffer, 'transfer', { value: () => new ArrayBuffer(0) });
  const calls = fakeCalls(buffer);
  mapMemory(3, 16, calls)?.unmap();
  assert.deepEqual(calls.unmapped, []);
});

test('a file that the system does not map is none', () => {
  const calls = { ...fakeCalls(new ArrayBuffer(0)), map: () => -1n };
  assert.equal(mapMemory(3, 16, calls), undefined);
});

function realTest(name: string, run: (t: TestContext) => void): void {
  test(name, { skip: MAPPINGS_ARE_MISSING ?? false }, run);
}

realTest('a mapped file shows its bytes, also when it is closed, and none when it is unmapped', (t) => {
  const path = join(temporaryDirectory(t), 'file');
  const content = Uint8Array.from({ length: 10_000 }, (_, i) => i * 7);
  writeFileSync(path, content);
  const file = mappingFileSystem().openFile(path);
  const mapping = file.map?.();
  file.close();
  expectError('LSM_CLOSED', () => file.map?.());
  assert.ok(mapping !== undefined);
  assert.deepEqual(mapping.bytes, content);
  const part = mapping.bytes.subarray(100);
  mapping.unmap();
  assert.deepEqual([mapping.bytes.length, part.length, part[0]], [0, 0, undefined]);
  mapping.unmap();
});

realTest('neither an empty file nor a descriptor of none is mapped', (t) => {
  const path = join(temporaryDirectory(t), 'file');
  writeFileSync(path, '');
  const fs = mappingFileSystem();
  assert.equal(fs.mapsFiles, true);
  const file = fs.openFile(path);
  assert.equal(file.map?.(), undefined);
  file.close();
  assert.equal(mapMemory(-1, 100, loadMapCalls()), undefined);
});
