import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mailbox } from '../../src/background/mailbox.ts';

test('an announced answer ends the sleep of the owner at once', () => {
  const mailbox = new Mailbox();
  const seen = mailbox.answers;
  new Mailbox(mailbox.buffer).announceAnswer();
  mailbox.sleep(seen, 2 ** 31 - 1);
  assert.equal(mailbox.answers, seen + 1);
});

test('a request to stop reaches the worker', () => {
  const owner = new Mailbox();
  const worker = new Mailbox(owner.buffer);
  assert.equal(worker.stopRequested, false);
  owner.requestStop();
  assert.equal(worker.stopRequested, true);
});

test('the start of the worker reaches the owner', () => {
  const owner = new Mailbox();
  assert.equal(owner.thread, 0);
  new Mailbox(owner.buffer).announceStart(1234);
  assert.equal(owner.thread, 1234);
});
