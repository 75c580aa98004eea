import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromHex, toHex } from '../support/hex.ts';
import {
  buildTable,
  type Entry,
  lookup,
  memoryFileSystem,
  openTable,
  pathOf,
  readFile,
  scanForward,
  showEntry,
  text,
  writeFile,
} from './support.ts';

const CONTENT: readonly Entry[] = [
  { key: text('a'), sequence: 2, value: text('1') },
  { key: text('b'), sequence: 1, value: undefined },
];

/**
 * Table 7 of database 0102..10, with 32 bytes a block and 10 bits a key. Worked out by another program, from
 * docs/formats.md.
 */
const GOLDEN = `
  0000 0100 61  0102000000000000  01000000 31  0000  0100  00  207923a2
  0000 0100 62  0201000000000000  00000000     0000  0100  00  3addaae7

  0000 0000     01ffffffffffff1f  0c000000  0000000000000000 1b000000
  0000 0100 62  01ffffffffffff1f  0c000000  1b00000000000000 1a000000
  0000 1c00  0200  00  c224eaef

  0000000000000000 0080000000000100 0000000000000000 0000000010000000
  0000004001000040 0210000000000000 0100000000000000 0008000000000200
  06 00 a4836ae5

  0000 0b00 626c6f636b2d6279746573                0100000000000000 08000000 2000000000000000
  0300 0f00 6f6d2d626974732d7065722d6b6579        0100000000000000 08000000 0a00000000000000
  0000 0700 63726561746f72                        0100000000000000 08000000 6d696e692d6c736d
  0000 0a00 646174612d6279746573                  0100000000000000 08000000 0300000000000000
  0000 0e00 757365722d6b65792d72616e6765          0100000000000000 04000000 0100 61 62
  0000 2300 4a00 6900 8b00  0500  00  cfd92b8e

  3500000000000000 44000000  7900000000000000 46000000  bf00000000000000 be000000
  01000000  0200000000000000 0100000000000000 0200000000000000
  0100000000000000 0200000000000000
  0102030405060708090a0b0c0d0e0f10  0700000000000000
  01000000  e5e2e258  4d4c534d54424c00`;

const PACKED_CONTENT: readonly Entry[] = [
  { key: text('a'), sequence: 2, value: text('lz4 '.repeat(15)) },
  { key: text('b'), sequence: 1, value: undefined },
];

/** The same for one block that is packed, by the reference implementation of LZ4, and no filter. */
const PACKED_GOLDEN = `
  1f 00 0100 00  60 01013c000102 1900  8f 020161626c7a3420 0400 22  50 7a34200200
  60000000 02 3e765b6e

  0000 0000     01ffffffffffff1f  0c000000  0000000000000000 29000000
  0000  0100  00  d9614266

  0000 0b00 626c6f636b2d6279746573                0100000000000000 08000000 0010000000000000
  0300 0f00 6f6d2d626974732d7065722d6b6579        0100000000000000 08000000 0000000000000000
  0000 0b00 636f6d7072657373696f6e                0100000000000000 03000000 6c7a34
  0000 0700 63726561746f72                        0100000000000000 08000000 6d696e692d6c736d
  0000 0a00 646174612d6279746573                  0100000000000000 08000000 3e00000000000000
  0000 0e00 757365722d6b65792d72616e6765          0100000000000000 04000000 0100 61 62
  0000 2300 4a00 6800 8700 a900  0600  00  5c2e7714

  2900000000000000 25000000  4e00000000000000 00000000  4e00000000000000 de000000
  01000000  0200000000000000 0100000000000000 0200000000000000
  0100000000000000 0200000000000000
  0102030405060708090a0b0c0d0e0f10  0700000000000000
  01000000  cce2790a  4d4c534d54424c00`;

describe('the table format', () => {
  it('has these bytes for a small table', () => {
    const fs = memoryFileSystem();
    buildTable(fs, CONTENT, { blockBytes: 32 });
    assert.equal(toHex(readFile(fs, pathOf(7))), toHex(fromHex(GOLDEN)));
  });

  it('is read from these bytes', () => {
    const fs = memoryFileSystem();
    writeFile(fs, pathOf(7), fromHex(GOLDEN));
    const table = openTable(fs);
    assert.deepEqual(scanForward(table.cursor()), CONTENT.map(showEntry));
    assert.equal(lookup(table, text('a'), 9), showEntry(CONTENT[0]));
    assert.equal(lookup(table, text('b'), 9), showEntry(CONTENT[1]));
    assert.equal(lookup(table, text('c'), 9), undefined);
    assert.deepEqual(table.properties, {
      fileNumber: 7,
      fileBytes: fromHex(GOLDEN).length,
      entryCount: 2,
      tombstoneCount: 1,
      keyCount: 2,
      dataBytes: 3,
      smallest: text('a'),
      largest: text('b'),
      minSequence: 1,
      maxSequence: 2,
      blockBytes: 32,
      bloomBitsPerKey: 10,
      compression: 'none',
      creator: 'mini-lsm',
      indexHeight: 1,
      filterBytes: 70,
    });
  });

  it('has these bytes for a packed table, and is read from them', () => {
    const fs = memoryFileSystem();
    buildTable(fs, PACKED_CONTENT, { bloomBitsPerKey: 0, compression: 'lz4' });
    assert.equal(toHex(readFile(fs, pathOf(7))), toHex(fromHex(PACKED_GOLDEN)));
    writeFile(fs, pathOf(7), fromHex(PACKED_GOLDEN));
    const table = openTable(fs);
    assert.deepEqual(scanForward(table.cursor()), PACKED_CONTENT.map(showEntry));
    assert.equal(lookup(table, text('a'), 9), showEntry(PACKED_CONTENT[0]));
    assert.equal(table.properties.compression, 'lz4');
    assert.equal(table.verify().entryCount, 2);
  });
});
