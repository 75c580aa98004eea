import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readWholeFile } from '../../src/fs/file-system.ts';
import { checkProperty } from '../support/property.ts';
import { Random } from '../support/random.ts';
import { type CrashState, PROFILES, type Profile } from './crash-states.ts';
import { type DirectoryImage, FileImage } from './disk-image.ts';
import { SimulatedFileSystem } from './simulated-file-system.ts';

/** A disk as text: `a=1,2 d(b=)`. */
function show(image: DirectoryImage): string {
  return Array.from(image, ([name, entry]) =>
    entry instanceof FileImage ? `${name}=${[...entry.bytes]}` : `${name}(${show(entry)})`,
  )
    .sort()
    .join(' ');
}

/** All states of a disk, each once. */
function statesOf(disk: SimulatedFileSystem, profile: Profile): CrashState[] {
  const states = new Map<string, CrashState>();
  for (const state of disk.crashStates(profile, { random: new Random(1) })) states.set(state.key, state);
  return [...states.values()];
}

function shown(disk: SimulatedFileSystem, profile: Profile): string[] {
  return statesOf(disk, profile)
    .map(({ image }) => show(image))
    .sort();
}

function write(disk: SimulatedFileSystem, path: string, ...bytes: number[]): void {
  const file = disk.createFile(path);
  file.append(Uint8Array.from(bytes));
  file.close();
}

function writeDurably(disk: SimulatedFileSystem, path: string, ...bytes: number[]): void {
  const file = disk.createFile(path);
  file.append(Uint8Array.from(bytes));
  file.sync();
  file.close();
  disk.syncDirectory('/');
}

describe('under every profile', () => {
  for (const profile of PROFILES) {
    test(`${profile}: what is synced with its directory has one state`, () => {
      const disk = new SimulatedFileSystem();
      writeDurably(disk, '/a', 1, 2);
      disk.makeDirectory('/d');
      assert.deepEqual(shown(disk, profile), ['a=1,2 d()']);
    });

    test(`${profile}: a rename happens or does not`, () => {
      const disk = new SimulatedFileSystem();
      writeDurably(disk, '/old', 1);
      writeDurably(disk, '/new', 2);
      disk.rename('/new', '/old');
      assert.deepEqual(shown(disk, profile), ['new=2 old=1', 'old=2']);
    });

    test(`${profile}: a removal that is not synced may come undone`, () => {
      const disk = new SimulatedFileSystem();
      writeDurably(disk, '/a', 1);
      disk.remove('/a');
      assert.deepEqual(shown(disk, profile), ['', 'a=1']);
      disk.syncDirectory('/');
      assert.deepEqual(shown(disk, profile), ['']);
    });

    test(`${profile}: two names of a file share its bytes`, () => {
      const disk = new SimulatedFileSystem();
      writeDurably(disk, '/a', 1);
      disk.link('/a', '/b');
      disk.syncDirectory('/');
      disk.remove('/a');
      disk.syncDirectory('/');
      assert.deepEqual(shown(disk, profile), ['b=1']);
    });

    test(`${profile}: an open file of which the name is gone can be read`, () => {
      const disk = new SimulatedFileSystem();
      writeDurably(disk, '/a', 7);
      const file = disk.openFile('/a');
      disk.remove('/a');
      const byte = new Uint8Array(1);
      file.read(byte, 0, 1, 0);
      assert.deepEqual([...byte], [7]);
    });
  }

  test('what was synced is there in every state, and nothing that was never written', () => {
    const step = fc.record({
      file: fc.nat(3),
      what: fc.constantFrom('append', 'append', 'sync', 'syncDirectory', 'rename', 'remove', 'link'),
      bytes: fc.constantFrom(1, 40, 600),
    });
    const property = fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const disk = new SimulatedFileSystem();
      const files = Array.from({ length: 4 }, (_, i) => disk.createFile(`/${i}`));
      disk.syncDirectory('/');
      const written = files.map(() => [] as number[]);
      const synced = [0, 0, 0, 0];
      for (const [at, { file, what, bytes }] of steps.entries()) {
        const path = `/${file}`;
        if (what === 'append') {
          const content = Array<number>(bytes).fill(at + 1);
          files[file].append(Uint8Array.from(content));
          written[file].push(...content);
        } else if (what === 'sync') {
          files[file].sync();
          synced[file] = written[file].length;
        } else if (what === 'syncDirectory') disk.syncDirectory('/');
        else if (disk.status(path) !== undefined) {
          if (what === 'rename') disk.rename(path, `${path}-${at}`);
          else if (what === 'remove') disk.remove(path);
          else disk.link(path, `${path}-${at}`);
        }
      }
      for (const profile of PROFILES) {
        const sampling = { random: new Random(1), exhaustive: 64, samples: 8 };
        for (const { image } of disk.crashStates(profile, sampling)) {
          for (const [name, entry] of image) {
            assert.ok(entry instanceof FileImage);
            const content = written[Number(name[0])];
            const durable = synced[Number(name[0])];
            assert.ok(entry.bytes.length >= durable && entry.bytes.length <= content.length);
            assert.deepEqual([...entry.bytes.subarray(0, durable)], content.slice(0, durable));
            if (profile === 'adversarial') continue;
            assert.ok(entry.bytes.every((byte, i) => byte === content[i] || byte === 0));
          }
        }
      }
    });
    checkProperty(property);
  });
});

describe('prefix', () => {
  test('operations are there up to some point, and of the last append any first bytes', () => {
    const disk = new SimulatedFileSystem();
    write(disk, '/a', 1, 2, 3);
    assert.deepEqual(shown(disk, 'prefix'), ['', 'a=', 'a=1', 'a=1,2', 'a=1,2,3']);
    write(disk, '/b');
    assert.deepEqual(shown(disk, 'prefix'), ['', 'a=', 'a=1,2,3', 'a=1,2,3 b=']);
  });

  test('a sync waits for all that came before it', () => {
    const disk = new SimulatedFileSystem();
    write(disk, '/a', 1);
    const file = disk.createFile('/b');
    file.sync();
    assert.deepEqual(shown(disk, 'prefix'), ['a=1 b=']);
  });

  test('a state tells whether a killed process can have left it', () => {
    const disk = new SimulatedFileSystem();
    write(disk, '/a', 1, 2);
    assert.deepEqual(
      statesOf(disk, 'prefix').map(({ has, image }) => `${show(image)}: ${has}`),
      ['a=1,2: all', 'a=: less', ': less', 'a=1: all but the last'],
    );
  });
});

describe('ext4-ordered', () => {
  test('changes of directories come in order, across all of them', () => {
    const disk = new SimulatedFileSystem();
    disk.makeDirectory('/d');
    disk.createFile('/d/a');
    disk.createFile('/b');
    assert.deepEqual(shown(disk, 'ext4-ordered'), ['b= d(a=)', 'd()', 'd(a=)']);
    disk.syncDirectory('/');
    assert.deepEqual(shown(disk, 'ext4-ordered'), ['b= d(a=)']);
  });

  test('the sync of a file brings its creation', () => {
    const disk = new SimulatedFileSystem();
    disk.createFile('/a');
    disk.createFile('/b').sync();
    disk.createFile('/c');
    assert.deepEqual(shown(disk, 'ext4-ordered'), ['a= b=', 'a= b= c=']);
  });

  test('a file has a size that it had, and zeros where nothing was written', () => {
    const disk = new SimulatedFileSystem();
    const file = disk.createFile('/a');
    file.append(Uint8Array.of(1));
    file.sync();
    file.append(Uint8Array.of(2));
    file.append(Uint8Array.of(3));
    assert.deepEqual(shown(disk, 'ext4-ordered'), ['a=1', 'a=1,0', 'a=1,0,0', 'a=1,2', 'a=1,2,0', 'a=1,2,3']);
  });

  test('any blocks of a long append may be missing', () => {
    const disk = new SimulatedFileSystem();
    const file = disk.createFile('/a');
    disk.syncDirectory('/');
    file.append(new Uint8Array(1200).fill(1));
    // Four sizes; of those blocks that they reach, any.
    assert.equal(shown(disk, 'ext4-ordered').length, 1 + 2 + 4 + 8);
  });
});

describe('adversarial', () => {
  test('any changes of a directory may be there', () => {
    const disk = new SimulatedFileSystem();
    disk.createFile('/a');
    disk.createFile('/b');
    assert.deepEqual(shown(disk, 'adversarial'), ['', 'a=', 'a= b=', 'b=']);
  });

  test('the name of a synced file may be missing until its directory is synced', () => {
    const disk = new SimulatedFileSystem();
    const file = disk.createFile('/a');
    file.append(Uint8Array.of(1));
    file.sync();
    assert.deepEqual(shown(disk, 'adversarial'), ['', 'a=1']);
    disk.syncDirectory('/');
    assert.deepEqual(shown(disk, 'adversarial'), ['a=1']);
  });

  test('a rename can be there without what came before it, and the other way round', () => {
    const disk = new SimulatedFileSystem();
    writeDurably(disk, '/old', 1);
    writeDurably(disk, '/new', 2);
    disk.rename('/new', '/current');
    disk.remove('/old');
    assert.deepEqual(shown(disk, 'adversarial'), ['current=2', 'current=2 old=1', 'new=2', 'new=2 old=1']);
  });

  test('new space may hold garbage, and nothing else does', () => {
    const disk = new SimulatedFileSystem();
    const file = disk.createFile('/a');
    file.append(Uint8Array.of(9, 9));
    file.sync();
    disk.syncDirectory('/');
    file.append(new Uint8Array(100).fill(1));
    const files = statesOf(disk, 'adversarial').map(({ image }) => image.get('a') as FileImage);
    assert.ok(files.every(({ bytes }) => bytes[0] === 9 && bytes[1] === 9));
    const garbage = files.filter(({ bytes }) => bytes.subarray(2).some((byte) => byte > 1));
    assert.equal(garbage.length, 1);
    assert.equal(files.length, 4, 'nothing, all, zeros, garbage');
  });
});

describe('a started sync', () => {
  test('brings what was appended before it to the disk when it is done', async () => {
    const disk = new SimulatedFileSystem();
    disk.holdsSyncs = true;
    const file = disk.createFile('/a');
    disk.syncDirectory('/');
    file.append(Uint8Array.of(1));
    const done = file.startSync();
    file.append(Uint8Array.of(2));
    assert.ok(shown(disk, 'adversarial').includes('a='));
    disk.finishSyncs();
    await done;
    assert.deepEqual(shown(disk, 'ext4-ordered'), ['a=1', 'a=1,0', 'a=1,2']);
  });
});

describe('a sync that failed', () => {
  test('leaves in doubt what it was to bring, also after one that succeeds', () => {
    const disk = new SimulatedFileSystem();
    const file = disk.createFile('/a');
    disk.syncDirectory('/');
    file.append(Uint8Array.of(1));
    disk.failSync('/a', 'keep');
    assert.deepEqual([...readWholeFile(disk, '/a', 9)], [1]);
    file.append(Uint8Array.of(2));
    file.sync();
    assert.deepEqual(shown(disk, 'ext4-ordered'), ['a=0,2', 'a=1,2']);
  });

  test('or takes it away, and what is appended then leaves a hole', () => {
    const disk = new SimulatedFileSystem();
    const file = disk.createFile('/a');
    disk.syncDirectory('/');
    file.append(Uint8Array.of(1, 2));
    disk.failSync('/a', 'revert');
    assert.deepEqual([...readWholeFile(disk, '/a', 9)], []);
    file.append(Uint8Array.of(3));
    assert.deepEqual([...readWholeFile(disk, '/a', 9)], [0, 0, 3]);
    file.sync();
    assert.deepEqual(shown(disk, 'adversarial'), ['a=0,0,3']);
  });
});

test('a state is a disk again: it can be written to and crash once more', () => {
  const disk = new SimulatedFileSystem();
  writeDurably(disk, '/a', 1);
  disk.createFile('/b');
  const [state] = statesOf(disk, 'adversarial').filter(({ image }) => !image.has('b'));
  const again = new SimulatedFileSystem(state.image);
  write(again, '/b', 5);
  again.link('/a', '/c');
  assert.equal(show(again.image()), 'a=1 b=5 c=1');
  assert.equal(show(disk.image()), 'a=1 b=', 'and the first one knows nothing of it');
  assert.ok(shown(again, 'adversarial').every((text) => text.startsWith('a=1')));
});

test('before each operation its observer is told, and sees the disk as it was', () => {
  const disk = new SimulatedFileSystem();
  const seen: string[] = [];
  disk.beforeOperation = ({ kind, path }) => seen.push(`${kind} ${path} on "${show(disk.image())}"`);
  disk.makeDirectory('/d');
  const file = disk.createFile('/a');
  file.append(Uint8Array.of(1));
  file.sync();
  disk.rename('/a', '/b');
  disk.syncDirectory('/');
  disk.remove('/b');
  assert.deepEqual(seen, [
    'makeDirectory /d on ""',
    'syncDirectory / on "d()"',
    'create /a on "d()"',
    'append /a on "a= d()"',
    'sync /a on "a=1 d()"',
    'rename /a on "a=1 d()"',
    'syncDirectory / on "b=1 d()"',
    'remove /b on "b=1 d()"',
  ]);
  assert.equal(disk.operations, 8);
});

test('names are listed in an order that is another one each time, and the same from the same seed', () => {
  const listings = (seed: number): string[] => {
    const disk = new SimulatedFileSystem(new Map(), seed);
    for (const name of ['a', 'b', 'c', 'd', 'e']) disk.createFile(`/${name}`);
    return Array.from({ length: 10 }, () => disk.list('/').join(''));
  };
  assert.ok(new Set(listings(1)).size > 3);
  assert.deepEqual(listings(1), listings(1));
  assert.ok(listings(1).every((names) => [...names].sort().join('') === 'abcde'));
});
