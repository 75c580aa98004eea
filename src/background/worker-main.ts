/**
 * The worker thread: runs flushes and merges for one database until its port closes. A merge may take
 * seconds; between blocks it looks for a flush and runs it first, so that writers do not wait for room.
 */
import { readlinkSync } from 'node:fs';
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { JobEnvironment } from '../compaction/job.ts';
import { LsmError } from '../errors.ts';
import { NodeFileSystem } from '../fs/node-file-system.ts';
import { FileNumbers } from './file-numbers.ts';
import { type JobRequest, runJob, toWire } from './job.ts';
import { Mailbox } from './mailbox.ts';
import type { WorkerSetup } from './worker-setup.ts';

const setup: WorkerSetup = workerData;
const port: MessagePort = setup.port;
const mailbox = new Mailbox(setup.mailbox);
const fileNumbers = new FileNumbers(setup.fileNumbers);
mailbox.announceStart(nativeThreadId());
process.on('exit', () => mailbox.announceEnd());

/** Requests that arrived during a merge and are not flushes. */
const postponed: JobRequest[] = [];

const flushEnvironment: JobEnvironment = {
  fs: new NodeFileSystem(),
  directory: setup.directory,
  databaseId: setup.databaseId,
  table: setup.table,
  allocateFileNumber: () => fileNumbers.allocate(),
  checkpoint: () => {},
};

const mergeEnvironment: JobEnvironment = {
  ...flushEnvironment,
  checkpoint: () => {
    if (mailbox.stopRequested) {
      throw new LsmError('LSM_ABORTED', 'a compaction was cancelled because the database is closing');
    }
    runWaitingFlushes();
  },
};

port.on('message', (request: JobRequest) => {
  run(request);
  for (let next = postponed.shift(); next !== undefined; next = postponed.shift()) run(next);
});

function runWaitingFlushes(): void {
  for (;;) {
    const received: { message: JobRequest } | undefined = receiveMessageOnPort(port);
    if (received === undefined) return;
    if (received.message.kind === 'flush') run(received.message);
    else postponed.push(received.message);
  }
}

function run(request: JobRequest): void {
  const environment = request.kind === 'flush' ? flushEnvironment : mergeEnvironment;
  port.postMessage(toWire(runJob(environment, request)));
  mailbox.announceAnswer();
}

/** The id under which the system knows this thread; -1 where it does not say. */
function nativeThreadId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').pop());
  } catch {
    return -1;
  }
}
