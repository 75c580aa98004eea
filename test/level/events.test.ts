/** What the database does behind the scenes is told on diagnostics channels. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MemoryFileSystem, MiniLevel, MiniLsm } from '../../src/index.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

type Message = Readonly<Record<string, unknown>>;

/** The messages of a channel, from now to the end of the test. */
function listen(t: TestContext, channel: string): Message[] {
  const messages: Message[] = [];
  const onMessage = (message: unknown): void => {
    assert.ok(typeof message === 'object' && message !== null);
    messages.push(message as Message);
  };
  subscribe(channel, onMessage);
  t.after(() => unsubscribe(channel, onMessage));
  return messages;
}

function assertNumbers(message: Message, names: readonly string[]): void {
  for (const name of names) {
    const value = message[name];
    assert.ok(typeof value === 'number' && value >= 0, `${name} is ${String(value)}`);
  }
}

test('flushes and compactions are told of', async (t) => {
  const location = join(temporaryDirectory(t), 'db');
  const flushes = listen(t, 'mini-lsm:flush');
  const compactions = listen(t, 'mini-lsm:compaction');
  const db = new MiniLevel(location);
  for (let round = 0; round < 2; round++) {
    await db.batch(Array.from({ length: 100 }, (_, i) => ({ type: 'put', key: `key ${i}`, value: 'value' })));
    await db.flush();
  }
  await db.compactRange('', '~');
  await db.close();
  assert.equal(flushes.length, 2);
  assert.ok(compactions.length > 0);
  for (const message of flushes) {
    assert.equal(message.location, location);
    assertNumbers(message, ['bytes', 'milliseconds']);
    assert.ok((message.bytes as number) > 0);
  }
  for (const message of compactions) {
    assert.equal(message.location, location);
    assertNumbers(message, ['bytesRead', 'bytesWritten', 'milliseconds']);
  }
});

test('stalls are told of, with their reason, as often as they are counted', async (t) => {
  const stalls = listen(t, 'mini-lsm:stall');
  const location = join(temporaryDirectory(t), 'db');
  const db = new MiniLevel(location, {
    memtableBytes: 4096,
    maxFrozenMemtables: 1,
    l0CompactionFiles: 1,
    l0SlowdownFiles: 1,
    l0StopFiles: 1,
  });
  await db.open();
  for (let i = 0; stalls.length < 3; i++) {
    assert.ok(i < 100_000, 'writes have to wait at some time');
    await db.put(`key ${i % 100}`, 'value'.padEnd(100, '.'));
  }
  const counted = Object.values((await db.stats()).stalls);
  assert.equal(
    stalls.length,
    counted.reduce((sum, { delays, stops }) => sum + delays + stops, 0),
  );
  for (const message of stalls) {
    assert.equal(message.location, location);
    assert.match(String(message.reason), /^(memtables|l0-files|pending-compaction)$/);
    assertNumbers(message, ['milliseconds']);
  }
  await db.close();
});

test('a listener may write to the database that tells it', async (t) => {
  const location = '/listened';
  const db = MiniLsm.open(location, { fileSystem: new MemoryFileSystem(), memtableBytes: 4096 });
  let told = 0;
  const onMessage = (message: unknown): void => {
    if ((message as Message).location === location && !db.closed) db.put('told', `${++told}`);
  };
  for (const name of ['flush', 'stall', 'compaction']) {
    subscribe(`mini-lsm:${name}`, onMessage);
    t.after(() => unsubscribe(`mini-lsm:${name}`, onMessage));
  }
  for (let i = 0; i < 1000; i++) db.put(`key ${i}`, 'value'.padEnd(50, '.'));
  await Promise.resolve();
  const lost = Array.from({ length: 1000 }, (_, i) => `key ${i}`).filter((key) => !db.has(key));
  assert.deepEqual(lost, []);
  assert.ok(told > 0);
  assert.equal(Buffer.from(db.get('told') ?? []).toString(), `${told}`);
  db.close();
});
