/**
 * Twelve lives of some length, each about one thing that the engine does to files and that a few operations do
 * not bring about.
 */
import type { Life } from './life.ts';

type Script = (life: Life) => void | Promise<void>;

function fill(life: Life, from: number, count: number, bytes: number): void {
  for (let i = from; i < from + count; i++) life.put(`key ${i % 12}`, bytes);
}

export const SCRIPTS: Readonly<Record<string, Script>> = {
  'a first opening, and a second one': (life) => {
    life.open();
    life.reopen();
    life.put('a', 10);
    life.put('b', 10, true);
    life.reopen();
  },

  'writes with and without a sync, one after the other': (life) => {
    life.open();
    for (let i = 0; i < 9; i++) {
      life.put(`key ${i % 4}`, 10 + 7 * i, i % 4 === 3);
      if (i % 3 === 2) life.delete(`key ${(i + 2) % 4}`);
    }
    life.sync();
    life.put('last', 5);
  },

  'batches over several blocks': (life) => {
    life.open();
    for (const sync of [false, false, true, false]) {
      const writes = Array.from({ length: 4 }, (_, i) => [`key ${i}`, life.value(190)] as const);
      life.write([...writes, ['key 1', undefined]], sync);
      life.put('between', 300);
    }
  },

  'flushes, one after the other': (life) => {
    life.open();
    fill(life, 0, 16, 150);
    life.delete('key 3');
    life.flush();
    fill(life, 3, 4, 40);
    life.flush();
    life.put('key 0', 10, true);
  },

  'compactions that drop what was deleted': (life) => {
    life.open();
    fill(life, 0, 12, 120);
    for (let i = 0; i < 12; i += 2) life.delete(`key ${i}`);
    life.compact();
    life.put('key 2', 50);
    fill(life, 5, 8, 120);
    life.compact();
    life.delete('key 2', true);
    life.compact();
  },

  'manifests that grow and are written anew': (life) => {
    life.open();
    for (let i = 0; i < 10; i++) {
      life.put(`key ${i % 3}`, 20);
      life.flush();
    }
    life.reopen();
    life.put('key 0', 20);
    life.flush();
  },

  'several logs at a time': (life) => {
    life.open();
    life.put('first', 40);
    life.giveRoomForTables(false);
    for (let i = 0; i < 4; i++) life.put(`key ${i % 3}`, 600, i === 2);
    life.delete('key 0');
    life.giveRoomForTables(true);
    life.flush();
    life.put('last', 30);
  },

  'groups of asynchronous writes': async (life) => {
    life.open();
    const write = (key: string, sync: boolean, bytes = 30) => ({
      writes: [[key, life.value(bytes)] as const],
      sync,
    });
    await life.group([write('a', false), write('b', false), write('c', true)]);
    await life.group([write('a', true), write('b', false)], () => life.put('c', 30));
    await life.group([write('d', false, 300), write('e', true, 300), write('a', false)]);
    await life.group(
      [
        {
          writes: [
            ['a', undefined],
            ['f', life.value(10)],
          ],
          sync: true,
        },
      ],
      () => life.sync(),
    );
  },

  'groups that fill one log after the other': async (life) => {
    life.open();
    for (let round = 0; round < 3; round++) {
      const commits = Array.from({ length: 3 }, (_, i) => ({
        writes: [[`key ${(round + i) % 5}`, life.value(350)] as const],
        sync: i !== 1,
      }));
      await life.group(commits, round === 1 ? () => life.put('between', 700) : undefined);
    }
    await life.group([{ writes: [['last', life.value(600)]], sync: true }], () => life.flush());
  },

  'checkpoints between writes': (life) => {
    life.open();
    fill(life, 0, 6, 100);
    life.checkpoint('/copies/one');
    fill(life, 6, 6, 100);
    life.compact();
    life.checkpoint('/copies/two');
    life.put('key 0', 10, true);
  },

  'repairs, of what is whole and without a manifest': (life) => {
    life.open();
    fill(life, 0, 9, 120);
    life.put('last', 10);
    life.close();
    life.repair();
    life.open();
    fill(life, 2, 4, 90);
    life.close();
    life.spoilCurrent();
    life.repair();
    life.open();
    life.put('last', 20, true);
  },

  'files that readers keep for a while': (life) => {
    life.open();
    fill(life, 0, 8, 130);
    life.flush();
    const cursor = life.db.cursor();
    const snapshot = life.db.snapshot();
    fill(life, 2, 8, 130);
    life.compact();
    cursor.first();
    cursor.close();
    life.put('key 1', 10, true);
    snapshot.close();
    life.compact();
    life.reopen();
  },
};
