import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadPackage } from '#platform';
import { writeU32 } from '../../src/bytes/integers.ts';
import { decodeLz4 } from '../../src/bytes/lz4-decoder.ts';
import { Lz4Encoder } from '../../src/bytes/lz4-encoder.ts';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { BlockPacker } from '../../src/sstable/block-codec.ts';
import { NativeLz4Encoder } from '../../src/sstable/native-lz4.ts';
import { expectError } from '../support/expect-error.ts';
import { checkProperty } from '../support/property.ts';
import { DATABASE } from '../support/small-database.ts';

interface Lz4Napi {
  compressSync(bytes: Uint8Array): Uint8Array;
  uncompressSync(bytes: Uint8Array): Uint8Array;
}

/** The package, where it is installed. */
const INSTALLED = found();

function found(): Lz4Napi | undefined {
  try {
    return loadPackage('lz4-napi') as Lz4Napi;
  } catch {
    return undefined;
  }
}

/** A module with the face of the package, of the LZ4 in TypeScript. */
const STAND_IN = {
  compressSync: (bytes: Uint8Array): Uint8Array => {
    const packed = new Uint8Array(2 * bytes.length + 32);
    writeU32(packed, 0, bytes.length);
    const length = new Lz4Encoder().encode(bytes, bytes.length, packed.subarray(4), packed.length - 8);
    return packed.slice(0, 4 + length);
  },
};

const WORDS: Uint8Array = new TextEncoder().encode('some words and '.repeat(30));

function missing(): never {
  throw Object.assign(new Error("Cannot find module 'lz4-napi'"), { code: 'MODULE_NOT_FOUND' });
}

describe('LZ4 of the package lz4-napi', () => {
  it('packs what the decoder unpacks', () => {
    const encoder = new NativeLz4Encoder(() => INSTALLED ?? STAND_IN);
    checkProperty(
      fc.property(fc.array(fc.constantFrom(WORDS, new Uint8Array(40), Uint8Array.of(1, 2, 3))), (parts) => {
        const content = Uint8Array.from(parts.flatMap((part) => [...part]));
        const packed = new Uint8Array(content.length + 32);
        const length = encoder.encode(content, content.length, packed, packed.length);
        const unpacked = new Uint8Array(content.length);
        assert.ok(decodeLz4(packed, length, unpacked, content.length));
        assert.deepEqual(unpacked, content);
      }),
    );
  });

  it('unpacks what the encoder packs', { skip: INSTALLED === undefined && 'it is not installed' }, () => {
    assert.deepEqual(new Uint8Array(INSTALLED?.uncompressSync(STAND_IN.compressSync(WORDS)) ?? []), WORDS);
  });

  it('gives up what would take more than it may', () => {
    const encoder = new NativeLz4Encoder(() => STAND_IN);
    assert.equal(encoder.encode(WORDS, WORDS.length, new Uint8Array(100), 20), 0);
  });

  it('is not trusted when it packed something else', () => {
    const encoder = new NativeLz4Encoder(() => ({ compressSync: () => new Uint8Array(9) }));
    expectError('LSM_INTERNAL', () => encoder.encode(WORDS, WORDS.length, new Uint8Array(100), 100));
  });

  it('has to be installed', () => {
    const absent = expectError('LSM_INVALID_ARGUMENT', () => new NativeLz4Encoder(missing));
    assert.match(absent.message, /npm install lz4-napi/);
    const cause = new Error('wrong architecture');
    const broken = expectError('LSM_INVALID_ARGUMENT', () => {
      new NativeLz4Encoder(() => {
        throw cause;
      });
    });
    assert.match(broken.message, /does not load/);
    assert.equal(broken.cause, cause);
  });

  it('has to be what it was', () => {
    for (const other of [undefined, null, 'lz4', {}, { compressSync: 1 }]) {
      const error = expectError('LSM_INVALID_ARGUMENT', () => new NativeLz4Encoder(() => other));
      assert.match(error.message, /lz4-napi@2/);
    }
  });

  it('is asked for when a database is opened with it', () => {
    const open = (): MiniLsm =>
      MiniLsm.open(DATABASE, { fileSystem: new MemoryFileSystem(), nativeLz4: true, compression: 'lz4' });
    if (INSTALLED === undefined) {
      assert.match(expectError('LSM_INVALID_ARGUMENT', open).message, /npm install lz4-napi/);
      expectError('LSM_INVALID_ARGUMENT', () => new BlockPacker('lz4', true));
      return;
    }
    const db = open();
    for (let i = 0; i < 100; i++) db.put(`key ${i}`, WORDS);
    db.compact();
    for (let i = 0; i < 100; i++) assert.deepEqual(new Uint8Array(db.get(`key ${i}`) ?? []), WORDS);
    assert.ok(db.stats().bytes < 100 * 60);
    db.close();
  });
});
