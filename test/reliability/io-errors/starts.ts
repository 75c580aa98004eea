/** Disks on which a workload begins with something other than nothing. */
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import { type DirectoryImage, FileImage } from '../../simulation/disk-image.ts';
import { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import { DATABASE } from '../../support/small-database.ts';
import { stateOf, TINY } from '../world/world.ts';
import type { Start } from './workloads.ts';

/** What a process left that died while it wrote: several logs, and half a record at the end of the last. */
export function leftBehind(): Start {
  const { disk, db } = written();
  for (let i = 0; i < 4; i++) db.put(`key ${i}`, 'in the log');
  const state = stateOf(db.scan());
  db.put('torn', 'never acknowledged');
  const logs = disk.list(DATABASE).filter((name) => parseFileName(name)?.kind === 'wal');
  const last = logs.sort()[logs.length - 1];
  const files = new Map(databaseOf(disk.image()));
  const log = files.get(last) as FileImage;
  files.set(last, new FileImage(log.bytes.slice(0, log.bytes.length - 9)));
  db.close();
  return { image: new Map([[DATABASE.slice(1), files]]), state };
}

/** Tables and a log whose manifest is gone. */
export function withoutManifest(): Start {
  const { disk, db } = written();
  db.compact();
  db.put('newest', 'in the log');
  const state = stateOf(db.scan());
  db.close();
  const files = [...databaseOf(disk.image())].filter(([name]) => {
    const kind = parseFileName(name)?.kind;
    return kind !== 'manifest' && kind !== 'current';
  });
  return { image: new Map([[DATABASE.slice(1), new Map(files)]]), state };
}

function written(): { disk: SimulatedFileSystem; db: MiniLsm } {
  const disk = new SimulatedFileSystem();
  const db = MiniLsm.open(DATABASE, { ...TINY, fileSystem: disk });
  for (let i = 0; i < 20; i++) db.put(`key ${(i * 7) % 10}`, `value ${i} `.padEnd(80, '.'));
  return { disk, db };
}

function databaseOf(image: DirectoryImage): DirectoryImage {
  return image.get(DATABASE.slice(1)) as DirectoryImage;
}
