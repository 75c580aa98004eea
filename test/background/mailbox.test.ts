import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mailbox } from '../../src/background/mailbox.ts';

test('file numbers are given once, to whichever side asks', () => {
  const owner = new Mailbox();
  const worker = new Mailbox(owner.buffer);
  owner.raiseFileNumber(7);
  assert.deepEqual(
    [owner.allocateFileNumber(), worker.allocateFileNumber(), owner.allocateFileNumber()],
    [7, 8, 9],
  );
  assert.equal(worker.nextFileNumber, 10);
});

test('file numbers never go back', () => {
  const mailbox = new Mailbox();
  mailbox.raiseFileNumber(100);
  mailbox.raiseFileNumber(5);
  assert.equal(mailbox.allocateFileNumber(), 100);
});

test('file numbers go beyond 32 bits', () => {
  const mailbox = new Mailbox();
  mailbox.raiseFileNumber(2 ** 40);
  assert.equal(mailbox.allocateFileNumber(), 2 ** 40);
});

test('an announced answer ends the sleep of the owner at once', () => {
  const mailbox = new Mailbox();
  const seen = mailbox.answers;
  mailbox.announceAnswer();
  mailbox.sleep(seen, 2 ** 31 - 1);
  assert.equal(mailbox.answers, seen + 1);
});

test('a request to stop reaches the other side', () => {
  const owner = new Mailbox();
  const worker = new Mailbox(owner.buffer);
  assert.equal(worker.stopRequested, false);
  owner.requestStop();
  assert.equal(worker.stopRequested, true);
});

test('the thread id of the worker reaches the owner beside the file numbers', () => {
  const owner = new Mailbox();
  owner.raiseFileNumber(42);
  new Mailbox(owner.buffer).workerThread = 1234;
  assert.equal(owner.workerThread, 1234);
  assert.equal(owner.nextFileNumber, 42);
});
