/** Tables whose checksums are all right and whose contents are not: somebody made them up, or a writer has a bug. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LsmError } from '../../src/errors.ts';
import { MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import { decodeBlock } from '../../src/sstable/block-decoder.ts';
import { FRESH_MEMORY } from '../../src/sstable/block-memory.ts';
import { type Handle, MIN_BLOCK_BYTES } from '../../src/sstable/format.ts';
import { buildProperties, readProperties, type StoredProperties } from '../../src/sstable/properties.ts';
import {
  mappedBlock,
  readBlock,
  readTableIdentity,
  type TableFile,
} from '../../src/sstable/section-reader.ts';
import type { Table } from '../../src/sstable/table.ts';
import { TableMapping } from '../../src/sstable/table-mapping.ts';
import { salvageTable } from '../../src/sstable/table-salvager.ts';
import { expectError } from '../support/expect-error.ts';
import { CraftedTable } from './crafted-table.ts';
import {
  buildTable,
  type Entry,
  encodeBlock,
  IDENTITY,
  memoryFileSystem,
  openTable,
  pathOf,
  readFile,
  scanBackward,
  scanForward,
  text,
  writeFile,
} from './support.ts';

const PATH = pathOf(7);
const TWO = { smallest: 'a', largest: 'c', dataBytes: 4 };

function open(bytes: Uint8Array): Table {
  const fs = memoryFileSystem();
  writeFile(fs, PATH, bytes);
  return openTable(fs);
}

function fileOf(bytes: Uint8Array): TableFile {
  return {
    path: PATH,
    size: bytes.length,
    read: (into, start, length, position) => into.set(bytes.subarray(position, position + length), start),
  };
}

interface Salvaged {
  readonly entries: number;
  readonly damage: readonly LsmError[];
}

function salvage(bytes: Uint8Array): Salvaged {
  let entries = 0;
  const damage: LsmError[] = [];
  salvageTable(
    fileOf(bytes),
    IDENTITY,
    () => entries++,
    (met) => damage.push(met),
  );
  return { entries, damage };
}

describe('an index that leads to the same blocks again and again', () => {
  /** So high that a walk along every way through it would not end. */
  const HEIGHT = 40;

  function fanOut(): Uint8Array {
    const table = new CraftedTable();
    let pair: [Handle, Handle] = [table.block(['a', 5, '1']), table.block(['c', 5, '2'])];
    for (let level = 1; level < HEIGHT; level++) {
      const [left, right] = pair;
      pair = [table.index(left, ['b', 9, right]), table.index(left, ['b', 9, right])];
    }
    return table.finish(table.index(pair[0], ['b', 9, pair[1]]), { ...TWO, indexHeight: HEIGHT });
  }

  it('is damage to a cursor, in both directions', () => {
    for (const scan of [scanForward, scanBackward]) {
      const error = expectError('LSM_CORRUPTION', () => scan(open(fanOut()).cursor()));
      assert.match(error.message, /out of turn/);
    }
  });

  it('is damage to a verification', () => {
    expectError('LSM_CORRUPTION', () => open(fanOut()).verify());
  });

  it('costs a salvage nothing but what it leads back to', () => {
    const { entries, damage } = salvage(fanOut());
    assert.equal(entries, 2);
    assert.ok(damage.length > 0 && damage.every(({ message }) => message.includes('out of turn')));
  });
});

describe('verify finds', () => {
  const finds = (what: string, bytes: Uint8Array, message: RegExp): void => {
    it(what, () => assert.match(expectError('LSM_CORRUPTION', () => open(bytes).verify()).message, message));
  };

  const unnamed = new CraftedTable();
  unnamed.block(['0', 5, '1']);
  const named = unnamed.block(['a', 5, '1'], ['c', 5, '2']);
  finds(
    'a block that no index names',
    unnamed.finish(unnamed.index(named), TWO),
    /a gap before this section/,
  );

  const gappy = new CraftedTable();
  const [kept, , last] = ['a', 'b', 'c'].map((key) => gappy.block([key, 5, '1']));
  const top = gappy.index(gappy.index(kept), ['bb', MAX_SEQUENCE, gappy.index(last)]);
  finds('a block that is left out', gappy.finish(top, { ...TWO, indexHeight: 2 }), /a gap before this block/);

  const crafted = (
    separator: readonly [string, number],
    left: string,
    right: string,
    sequence = 5,
  ): Uint8Array => {
    const table = new CraftedTable();
    const first = table.block([left, 5, '1']);
    const second = table.block([right, sequence, '2']);
    const root = table.index(first, [separator[0], separator[1], second]);
    return table.finish(root, { ...TWO, smallest: left, largest: right });
  };
  finds('an entry before the separator of its block', crafted(['d', 9], 'a', 'c'), /hides the first version/);
  finds('a separator that hides a key', crafted(['c', 9], 'a', 'c'), /hides the first version/);
  finds(
    'an entry after the separator of the next block',
    crafted(['b', MAX_SEQUENCE], 'bb', 'c'),
    /after the separator/,
  );

  const versions = new CraftedTable();
  const newest = versions.block(['a', 5, '1']);
  const older = versions.block(['a', 4, '2']);
  finds(
    'a version before the separator of its block',
    versions.finish(versions.index(newest, ['a', 3, older]), {
      ...TWO,
      largest: 'a',
      keyCount: 1,
      minSequence: 4,
    }),
    /before the separator/,
  );

  const swapped = new CraftedTable();
  const blocks = ['a', 'c', 'e'].map((key) => swapped.block([key, 5, '1']));
  const upsideDown = swapped.index(blocks[0], ['d', 9, blocks[1]], ['b', 9, blocks[2]]);
  finds(
    'separators out of order',
    swapped.finish(upsideDown, { ...TWO, entryCount: 3, keyCount: 3 }),
    /separators out of order/,
  );
});

describe('a salvage', () => {
  it('of a file without a footer finds nothing, and says so', () => {
    const { entries, damage } = salvage(new Uint8Array(50));
    assert.equal(entries, 0);
    assert.equal(damage.length, 1);
  });

  it('leaves out what follows an entry out of order, and goes on with the next block', () => {
    const table = new CraftedTable();
    const first = table.block(['a', 5, '1'], ['c', 5, '2'], ['b', 5, '3'], ['d', 5, '4']);
    const root = table.index(first, ['e', MAX_SEQUENCE, table.block(['f', 5, '5'])]);
    const { entries, damage } = salvage(table.finish(root, { ...TWO, entryCount: 5, keyCount: 5 }));
    assert.equal(entries, 3);
    assert.deepEqual(
      damage.map(({ offset }) => offset),
      [0],
    );
  });

  it('finds every version of a long key, and everything beside a damaged block', () => {
    const long = 'k'.repeat(200);
    const table = new CraftedTable();
    const first = table.block([long, 9, '1'], [long, 8, '2']);
    const second = table.block(['m', 5, '3']);
    const third = table.block(['p', 5, '4']);
    const root = table.index(first, ['l', MAX_SEQUENCE, second], ['n', MAX_SEQUENCE, third]);
    const bytes = table.finish(root, { ...TWO, entryCount: 4, keyCount: 3 });
    assert.deepEqual(salvage(bytes), { entries: 4, damage: [] });
    bytes[second.offset] ^= 1;
    const { entries, damage } = salvage(bytes);
    assert.equal(entries, 3);
    assert.deepEqual(
      damage.map(({ offset }) => offset),
      [second.offset],
    );
  });

  it('lets through what the visitor throws, and what is no damage', () => {
    const fs = memoryFileSystem();
    buildTable(fs, [{ key: text('a'), sequence: 1, value: text('1') }]);
    const bytes = readFile(fs, PATH);
    const stop = new Error('stop');
    const visit = (): never => {
      throw stop;
    };
    assert.throws(() => salvageTable(fileOf(bytes), IDENTITY, visit, () => {}), stop);
    const file: TableFile = { path: PATH, size: bytes.length, read: visit };
    assert.throws(
      () =>
        salvageTable(
          file,
          IDENTITY,
          () => {},
          () => {},
        ),
      stop,
    );
  });
});

describe('a block is refused', () => {
  const refused = (bytes: Uint8Array, message: RegExp): void => {
    const error = expectError('LSM_CORRUPTION', () => decodeBlock(bytes, 'data', PATH, 0));
    assert.match(error.message, message);
  };

  it('that is shorter than any', () => refused(new Uint8Array(MIN_BLOCK_BYTES - 1), /impossible length/));

  it('whose last entry has no room for what is fixed of it', () => {
    const entries: Entry[] = ['a', 'b'].map((key) => ({ key: text(key), sequence: 1, value: text('12') }));
    const bytes = encodeBlock(entries);
    // The first value reaches into the second entry, which starts where that ends.
    const [valueLengthAt, offsetsAt] = [4 + 1 + 8, 2 * (4 + 1 + 8 + 4 + 2)];
    bytes[valueLengthAt] = 2 + 10;
    bytes[offsetsAt + 2] = 19 + 10;
    refused(bytes, /an entry that is cut off/);
  });

  it('where none can be', () => {
    const bytes = new Uint8Array(100);
    const file = fileOf(bytes);
    const mapping = new TableMapping({ bytes, unmap: () => {} });
    for (const [offset, length] of [
      [0, 101],
      [90, 40],
      [0, 3],
    ]) {
      const error = expectError('LSM_CORRUPTION', () => readBlock(file, 0, 'data', offset, length));
      assert.match(error.message, /no block can be there/);
      const mapped = (): unknown => mappedBlock(mapping, file, 0, 'data', offset, length, FRESH_MEMORY);
      assert.match(expectError('LSM_CORRUPTION', mapped).message, /no block can be there/);
    }
  });
});

describe('properties are refused', () => {
  const GOOD: StoredProperties = {
    blockBytes: 64,
    bloomBitsPerKey: 0,
    compression: 'none',
    creator: 'mini-lsm',
    dataBytes: 1,
    smallest: text('a'),
    largest: text('b'),
  };

  /** The properties as entries of a block, one of them changed, or left out. */
  function refused(name: string, value: Uint8Array | undefined, message: RegExp): void {
    const file = fileOf(new Uint8Array(0));
    const block = decodeBlock(buildProperties(GOOD).finish(0, 0).slice(), 'data', PATH, 0);
    const entries: Entry[] = [];
    for (const { key, bytes } of scanProperties(block.bytes)) {
      const changed = key === name ? value : bytes;
      if (changed !== undefined) entries.push({ key: text(key), sequence: 0, value: changed });
    }
    const made = decodeBlock(encodeBlock(entries), 'data', PATH, 0);
    const error = expectError('LSM_CORRUPTION', () => readProperties(made, file.path, 0));
    assert.match(error.message, message);
  }

  function scanProperties(bytes: Uint8Array): { key: string; bytes: Uint8Array }[] {
    const read = readProperties(decodeBlock(bytes, 'data', PATH, 0), PATH, 0);
    const number = (value: number): Uint8Array => Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0);
    return [
      { key: 'block-bytes', bytes: number(read.blockBytes) },
      { key: 'bloom-bits-per-key', bytes: number(read.bloomBitsPerKey) },
      { key: 'creator', bytes: text(read.creator) },
      { key: 'data-bytes', bytes: number(read.dataBytes) },
      { key: 'user-key-range', bytes: Uint8Array.of(1, 0, 0x61, 0x62) },
    ];
  }

  it('when one is missing', () => refused('creator', undefined, /creator is missing/));
  it('when a number is too short', () =>
    refused('data-bytes', text('1234567'), /data-bytes is not a number/));
  it('when a number is beyond 2^53', () => {
    refused('data-bytes', new Uint8Array(8).fill(255), /data-bytes is not a number/);
  });
  it('when the range has no length', () => refused('user-key-range', text('1'), /impossible lengths/));
  it('when the range is shorter than its first key', () => {
    refused('user-key-range', Uint8Array.of(3, 0, 0x61, 0x62), /impossible lengths/);
  });
  it('when the range is upside down', () => {
    refused('user-key-range', Uint8Array.of(1, 0, 0x62, 0x61), /upside down/);
  });
});

describe('which table a file is', () => {
  const fs = memoryFileSystem();
  buildTable(fs, [{ key: text('a'), sequence: 1, value: text('1') }]);
  const bytes = readFile(fs, PATH);

  it('stands in its footer', () => assert.deepEqual(readTableIdentity(fileOf(bytes)), IDENTITY));

  it('is not known of one that is too short, or whose footer is damaged', () => {
    assert.equal(readTableIdentity(fileOf(bytes.subarray(0, 119))), undefined);
    const damaged = bytes.slice();
    damaged[bytes.length - 30] ^= 1;
    assert.equal(readTableIdentity(fileOf(damaged)), undefined);
  });
});
