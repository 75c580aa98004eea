import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockCache } from '../../src/cache/block-cache.ts';
import { editOf, type MergeTask } from '../../src/compaction/compaction-task.ts';
import { runFlush } from '../../src/compaction/flush-job.ts';
import type { JobEnvironment } from '../../src/compaction/job.ts';
import { leveled } from '../../src/compaction/leveled.ts';
import { mergeContext } from '../../src/compaction/merge-context.ts';
import { runMerge } from '../../src/compaction/merge-job.ts';
import type { CompactionOptions } from '../../src/compaction/strategy.ts';
import { LookupResult } from '../../src/cursor/cursor.ts';
import { LsmError } from '../../src/errors.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { KIND_DELETE, KIND_PUT, MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import { tableKeyHash } from '../../src/sstable/bloom-filter.ts';
import { TableCache } from '../../src/sstable/table-cache.ts';
import { checkVersion } from '../../src/version/check-version.ts';
import { tablePath } from '../../src/version/file-names.ts';
import { withEpoch } from '../../src/version/table-meta.ts';
import { Version } from '../../src/version/version.ts';
import { expectError } from '../support/expect-error.ts';
import { checkProperty } from '../support/property.ts';
import { JournalFileSystem } from '../version/journal-file-system.ts';
import { key } from '../version/table-fixture.ts';

const DIRECTORY = '/db';
const ID: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

const OPTIONS: CompactionOptions = {
  levelCount: 4,
  l0CompactionFiles: 2,
  baseLevelBytes: 4000,
  levelRatio: 3,
  tableBytes: 1000,
  minTombstones: 4,
};

interface Write {
  readonly key: string;
  /** Undefined deletes. */
  readonly value: string | undefined;
}

/** A tree on a disk: what a database does with the jobs, and nothing else. */
class Tree {
  readonly fs: FileSystem;
  version: Version = Version.empty(OPTIONS.levelCount);
  snapshots: number[] = [];
  sequence = 0;
  checkpoints = 0;
  onCheckpoint: () => void = () => {};
  #nextFile = 1;
  #epoch = 1;

  constructor(fs: FileSystem) {
    this.fs = fs;
    if (fs.status(DIRECTORY) === undefined) fs.makeDirectory(DIRECTORY);
  }

  get environment(): JobEnvironment {
    return {
      fs: this.fs,
      directory: DIRECTORY,
      databaseId: ID,
      table: { blockBytes: 128, bloomBitsPerKey: 10, compression: 'lz4' },
      allocateFileNumber: () => this.#nextFile++,
      checkpoint: () => {
        this.checkpoints++;
        this.onCheckpoint();
      },
    };
  }

  memtable(writes: readonly Write[]): MemTable {
    const memtable = MemTable.create(1 << 20);
    for (const { key: text, value } of writes) {
      const keyBytes = key(text);
      const valueBytes = key(value ?? '');
      const kind = value === undefined ? KIND_DELETE : KIND_PUT;
      const added = memtable.add(
        ++this.sequence,
        kind,
        keyBytes,
        0,
        keyBytes.length,
        valueBytes,
        0,
        valueBytes.length,
      );
      assert.ok(added);
    }
    return memtable;
  }

  flush(writes: readonly Write[]): void {
    const { tables } = runFlush(this.environment, this.memtable(writes), this.snapshots);
    const added = tables.map((summary) => ({ level: 0, table: withEpoch(summary, this.#epoch++) }));
    this.version = this.version.apply({ added, deleted: [] });
  }

  merge(task: MergeTask): void {
    const context = mergeContext(this.version, task, this.snapshots, OPTIONS);
    const result = runMerge(this.environment, task, context);
    assert.equal(result.entriesRead, result.entriesWritten + result.entriesDropped);
    this.version = this.version.apply(editOf(task, result.tables));
    for (const { tables } of task.inputs) {
      for (const { fileNumber } of tables) this.fs.remove(tablePath(DIRECTORY, fileNumber));
    }
  }

  settle(): void {
    for (;;) {
      const options = { ...OPTIONS, oldestSnapshot: this.snapshots[0] };
      const task = leveled.pick(this.version, options, []);
      if (task === undefined) return;
      if (task.kind === 'merge') this.merge(task);
      else this.version = this.version.apply(editOf(task));
      this.check();
    }
  }

  /** The Version is sound, its files are there and read without an error, and there are no others. */
  check(): void {
    checkVersion(this.version, { fs: this.fs, directory: DIRECTORY });
    assert.equal(this.fs.list(DIRECTORY).length, this.version.tableCount);
  }

  read(text: string, sequence: number): string | undefined {
    const bytes = key(text);
    const hash = tableKeyHash(bytes, 0, bytes.length);
    const tables = this.#tables();
    const result = new LookupResult();
    try {
      for (let level = 0; level < this.version.levels.length; level++) {
        for (const { fileNumber, fileBytes } of this.version.overlapping(level, bytes, bytes)) {
          if (!tables.table(fileNumber, fileBytes).get(bytes, 0, bytes.length, sequence, hash, result))
            continue;
          const { value, valueStart, valueLength } = result;
          const found = value.subarray(valueStart, valueStart + valueLength);
          return result.kind === KIND_DELETE ? undefined : new TextDecoder().decode(found);
        }
      }
      return undefined;
    } finally {
      tables.close();
    }
  }

  /** Reads every block of every table, and compares with what the Version says of it. */
  verify(): void {
    const tables = this.#tables();
    for (const level of this.version.levels) {
      for (const table of level) {
        const found = tables.table(table.fileNumber, table.fileBytes);
        found.verify();
        const { epoch: _, smallest, largest, ...counts } = table;
        assert.deepEqual({ ...found.properties, ...counts, smallest, largest }, found.properties);
      }
    }
    tables.close();
  }

  #tables(): TableCache {
    const pathOf = (fileNumber: number): string => tablePath(DIRECTORY, fileNumber);
    return new TableCache(this.fs, pathOf, ID, new BlockCache(0), 10);
  }
}

/** Writes of numbered keys with values that say their sequence. */
function puts(from: number, count: number, value: string): Write[] {
  return Array.from({ length: count }, (_, i) => ({ key: `k${String(from + i).padStart(4, '0')}`, value }));
}

function deletes(from: number, count: number): Write[] {
  return puts(from, count, '').map((write) => ({ key: write.key, value: undefined }));
}

function mergeAll(version: Version, outputLevel: number): MergeTask {
  const inputs = version.levels.flatMap((tables, level) => (tables.length > 0 ? [{ level, tables }] : []));
  return { kind: 'merge', inputs, outputLevel, reason: 'test' };
}

test('a flush writes one table with every visible version', () => {
  const tree = new Tree(new MemoryFileSystem());
  tree.flush([...puts(0, 100, 'v'), ...deletes(50, 10)]);
  assert.equal(tree.version.levels[0].length, 1);
  const [table] = tree.version.levels[0];
  assert.equal(table.entryCount, 100);
  assert.equal(table.tombstoneCount, 10);
  assert.equal(table.maxSequence, 110);
  tree.check();
  tree.verify();
});

test('a flush keeps what snapshots see', () => {
  const tree = new Tree(new MemoryFileSystem());
  const memtable = tree.memtable([
    ...puts(0, 1, 'one'),
    ...puts(0, 1, 'two'),
    ...puts(0, 1, 'three'),
    ...deletes(0, 1),
  ]);
  assert.equal(runFlush(tree.environment, memtable, []).entriesWritten, 1);
  assert.equal(runFlush(tree.environment, memtable, [1]).entriesWritten, 2);
  assert.equal(runFlush(tree.environment, memtable, [2, 3]).entriesWritten, 3);
});

test('the flush of an empty memtable writes nothing', () => {
  const tree = new Tree(new MemoryFileSystem());
  const result = runFlush(tree.environment, tree.memtable([]), []);
  assert.deepEqual(result.tables, []);
  assert.deepEqual(tree.fs.list(DIRECTORY), []);
});

test('a flush syncs its table, then the directory', () => {
  const fs = new JournalFileSystem(new MemoryFileSystem());
  const tree = new Tree(fs);
  fs.journal.length = 0;
  tree.flush(puts(0, 3, 'v'));
  assert.deepEqual(fs.journal.slice(-3), ['sync /db/000001.sst', 'close /db/000001.sst', 'sync /db']);
});

test('a merge of nothing but tombstones and what they delete has no output', () => {
  const tree = new Tree(new MemoryFileSystem());
  tree.flush(puts(0, 50, 'v'));
  tree.flush(deletes(0, 50));
  tree.merge(mergeAll(tree.version, 3));
  assert.equal(tree.version.tableCount, 0);
  tree.check();
});

test('a tombstone stays while a table below may hold its key: the one that ends a file while the old value starts the next file of the level below', () => {
  const tree = new Tree(new MemoryFileSystem());
  tree.flush([...puts(0, 10, 'old')]);
  tree.merge(mergeAll(tree.version, 3));
  tree.flush([...puts(10, 10, 'old')]);
  tree.merge({ ...mergeAll(tree.version, 3), inputs: [{ level: 0, tables: tree.version.levels[0] }] });
  tree.flush(deletes(0, 11));
  // A task that takes the first file only, as one would that compared internal keys.
  tree.merge({
    kind: 'merge',
    inputs: [{ level: 0, tables: tree.version.levels[0] }],
    outputLevel: 2,
    reason: 'test',
  });
  assert.equal(tree.version.levels[2][0].tombstoneCount, 11);
  tree.merge({
    kind: 'merge',
    inputs: [
      { level: 2, tables: tree.version.levels[2] },
      { level: 3, tables: tree.version.levels[3].slice(0, 1) },
    ],
    outputLevel: 2,
    reason: 'test',
  });
  assert.equal(tree.version.levels[2][0].tombstoneCount, 1);
  assert.equal(tree.read('k0010', MAX_SEQUENCE), undefined);
  assert.equal(tree.read('k0011', MAX_SEQUENCE), 'old');
});

test('outputs are cut near their size and never within the versions of a key', () => {
  const tree = new Tree(new MemoryFileSystem());
  tree.snapshots = Array.from({ length: 400 }, (_, i) => i);
  for (let i = 0; i < 20; i++) tree.flush([...puts(0, 5, `value ${i}`), ...puts(5, 15, 'once')]);
  tree.merge(mergeAll(tree.version, 3));
  const outputs = tree.version.levels[3];
  assert.ok(outputs.length > 3);
  tree.check(); // the levels below L0 share no user key
  assert.equal(
    outputs.reduce((sum, { entryCount }) => sum + entryCount, 0),
    400,
  );
});

test('an output ends where it overlaps too much of the level below', () => {
  const tree = new Tree(new MemoryFileSystem());
  tree.flush(puts(0, 2000, 'v'));
  tree.merge(mergeAll(tree.version, 3));
  assert.ok(tree.version.levelBytes(3) > 25 * OPTIONS.tableBytes);
  tree.flush([...puts(0, 1, 'new'), ...puts(1, 1, 'new'), ...puts(1999, 1, 'new')]);
  tree.merge({
    kind: 'merge',
    inputs: [{ level: 0, tables: tree.version.levels[0] }],
    outputLevel: 2,
    reason: 'test',
  });
  assert.deepEqual(
    tree.version.levels[2].map(({ keyCount }) => keyCount),
    [2, 1],
  );
});

test('a merge that reads fewer entries than the Version names is damage, and leaves nothing', () => {
  const tree = new Tree(new MemoryFileSystem());
  tree.flush(puts(0, 10, 'v'));
  tree.flush(puts(5, 10, 'v'));
  const task = mergeAll(tree.version, 3);
  const [{ tables }] = task.inputs;
  const wrong = { ...task, inputs: [{ level: 0, tables: [{ ...tables[0], entryCount: 11 }, tables[1]] }] };
  expectError('LSM_CORRUPTION', () =>
    runMerge(tree.environment, wrong, mergeContext(tree.version, task, [], OPTIONS)),
  );
  tree.check();
});

test('a job that is told to stop at a checkpoint leaves no file', () => {
  const fs = new JournalFileSystem(new MemoryFileSystem());
  const tree = new Tree(fs);
  for (let i = 0; i < 4; i++) tree.flush(puts(i * 500, 2000, `value ${i}`));
  const context = mergeContext(tree.version, mergeAll(tree.version, 3), [], OPTIONS);
  tree.checkpoints = 0;
  runMerge({ ...tree.environment, fs: new MemoryCopy(tree).fs }, mergeAll(tree.version, 3), context);
  const total = tree.checkpoints;
  assert.ok(total >= 7, `${total} checkpoints in 8000 entries`);
  for (let stopAt = 1; stopAt <= total; stopAt++) {
    tree.checkpoints = 0;
    tree.onCheckpoint = () => {
      if (tree.checkpoints === stopAt) throw new LsmError('LSM_ABORTED', 'stop');
    };
    expectError('LSM_ABORTED', () => runMerge(tree.environment, mergeAll(tree.version, 3), context));
    tree.check();
    assert.equal(fs.openHandles, 0);
  }
  tree.onCheckpoint = () => {
    throw new LsmError('LSM_ABORTED', 'stop');
  };
  expectError('LSM_ABORTED', () => runFlush(tree.environment, tree.memtable(puts(0, 3000, 'v')), []));
  tree.check();
  assert.equal(fs.openHandles, 0);
});

/** A place where a job may write without being seen: reads come from the tree. */
class MemoryCopy {
  readonly fs: FileSystem;

  constructor(tree: Tree) {
    const copy = new MemoryFileSystem();
    copy.makeDirectory(DIRECTORY);
    for (const name of tree.fs.list(DIRECTORY)) {
      const from = tree.fs.openFile(`${DIRECTORY}/${name}`);
      const bytes = new Uint8Array(from.size);
      from.read(bytes, 0, bytes.length, 0);
      from.close();
      const to = copy.createFile(`${DIRECTORY}/${name}`);
      to.append(bytes);
      to.close();
    }
    this.fs = copy;
  }
}

test('a merge that fails at any file operation leaves its inputs and nothing else', () => {
  const fs = new JournalFileSystem(new MemoryFileSystem());
  const tree = new Tree(fs);
  tree.flush(puts(0, 80, 'first'));
  tree.flush([...puts(40, 80, 'second'), ...deletes(0, 10)]);
  tree.flush(puts(20, 30, 'third'));
  const task = mergeAll(tree.version, 3);
  const context = mergeContext(tree.version, task, [], OPTIONS);
  const start = fs.operations;
  for (let n = 0; ; n++) {
    fs.failAt = fs.operations + n;
    const from = fs.operations;
    try {
      const { tables } = runMerge(tree.environment, task, context);
      assert.ok(tables.length > 2, 'the merge writes several tables');
      assert.ok(fs.operations - from <= n, 'the failure came after the end');
      break;
    } catch (error) {
      assert.ok(error instanceof LsmError && error.message.startsWith('injected'), String(error));
      tree.check();
      assert.equal(fs.openHandles, 0);
    }
  }
  assert.ok(fs.operations > start + 100);
});

test('a flush that fails at any file operation leaves nothing', () => {
  const fs = new JournalFileSystem(new MemoryFileSystem());
  const tree = new Tree(fs);
  const memtable = tree.memtable(puts(0, 3000, 'value'.repeat(40)));
  for (let n = 0; ; n++) {
    fs.failAt = fs.operations + n;
    try {
      runFlush(tree.environment, memtable, []);
      // It was created, appended to more than once, synced and closed, and so was its directory synced.
      assert.ok(n > 5);
      return;
    } catch (error) {
      assert.ok(error instanceof LsmError && error.message.startsWith('injected'), String(error));
      assert.deepEqual(fs.list(DIRECTORY), []);
      assert.equal(fs.openHandles, 0);
    }
  }
});

test('flushes and compactions on a disk change no read', () => {
  const write: fc.Arbitrary<Write> = fc.record({
    key: fc.integer({ min: 0, max: 40 }).map((n) => `k${n}`),
    value: fc.option(fc.string({ maxLength: 60 }), { nil: undefined }),
  });
  const step = fc.record({
    writes: fc.array(write, { minLength: 1, maxLength: 30 }),
    snapshot: fc.constantFrom<'none' | 'take' | 'release'>('none', 'none', 'take', 'release'),
  });
  checkProperty(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const tree = new Tree(new MemoryFileSystem());
      const history: (Write & { sequence: number })[] = [];
      for (const { writes, snapshot } of steps) {
        for (const w of writes) history.unshift({ ...w, sequence: history.length + 1 });
        tree.flush(writes);
        if (snapshot === 'take') tree.snapshots.push(tree.sequence);
        if (snapshot === 'release') tree.snapshots.shift();
        tree.settle();
        for (const sequence of [...tree.snapshots, tree.sequence]) {
          for (let n = 0; n <= 40; n++) {
            const seen = history.find((w) => w.key === `k${n}` && w.sequence <= sequence);
            assert.equal(tree.read(`k${n}`, sequence), seen?.value);
          }
        }
      }
      tree.verify();
    }),
    40,
  );
});
