/** Tables that a job left behind when its thread died, and tables that only look like that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InlineExecutor } from '../../src/background/inline-executor.ts';
import type { JobEnvironment } from '../../src/compaction/job.ts';
import { Installer } from '../../src/db/installer.ts';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { Remover } from '../../src/db/remover.ts';
import { LsmError } from '../../src/errors.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { tablePath } from '../../src/version/file-names.ts';
import { VersionSet } from '../../src/version/version-set.ts';
import { namesOfKind, replaceFile } from '../support/edit-file.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { BY_HAND, DATABASE } from '../support/small-database.ts';

failOnLeaks();

function environment(fs: MemoryFileSystem): JobEnvironment {
  return {
    fs,
    directory: DATABASE,
    databaseId: new Uint8Array(16),
    table: { blockBytes: 4096, bloomBitsPerKey: 10, compression: 'none' },
    allocateFileNumber: () => 1,
    checkpoint: () => {},
  };
}

for (const failed of [false, true]) {
  const what = failed
    ? 'stay after a failure: the manifest may name them by an edit whose outcome nobody knows'
    : 'are removed, and those of the tree stay';
  test(`tables that no version names ${what}`, () => {
    const fileSystem = new MemoryFileSystem();
    const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem });
    db.put('key', 'value');
    db.flush();
    const tables = namesOfKind(fileSystem, DATABASE, 'table');
    replaceFile(fileSystem, tablePath(DATABASE, 900_001), Buffer.from('an output'));
    const { core, manifest } = internals(db);
    if (failed) core.fail(new LsmError('LSM_IO', 'the manifest could not be synced'));
    const executor = new InlineExecutor(environment(fileSystem));
    const remover = new Remover(fileSystem, executor);
    new Installer(core, new VersionSet(core.view.version, () => {}), manifest, remover).removeStrays();
    const expected = failed ? [...tables, '900001.sst'] : tables;
    assert.deepEqual(namesOfKind(fileSystem, DATABASE, 'table'), expected);
    db.close();
  });
}
