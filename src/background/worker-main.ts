/**
 * The worker thread: runs flushes and merges for one database until its port closes. A merge may take
 * seconds; between blocks it looks for a flush and runs it first, so that writers do not wait for room, and begins
 * to bring the log to the disk, so that they do not wait for that when they change to another one.
 */
import { readlinkSync } from 'node:fs';
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { JobEnvironment } from '../compaction/job.ts';
import { LsmError } from '../errors.ts';
import { NodeFileSystem } from '../fs/node-file-system.ts';
import { walPath } from '../version/file-names.ts';
import { FileNumbers } from './file-numbers.ts';
import { type JobRequest, runJob, toWire, type WriteBackRequest } from './job.ts';
import { Mailbox } from './mailbox.ts';
import type { WorkerSetup } from './worker-setup.ts';
import { startWriteBack } from './write-back.ts';

const setup: WorkerSetup = workerData;
const port: MessagePort = setup.port;
const mailbox = new Mailbox(setup.mailbox);
const fileNumbers = new FileNumbers(setup.fileNumbers);
mailbox.announceStart(nativeThreadId());
process.on('exit', () => mailbox.announceEnd());

type Request = JobRequest | WriteBackRequest;

/** Merges that were asked for during another one. */
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
    serveWhatIsUrgent();
  },
};

port.on('message', (request: Request) => {
  serve(request);
  for (let next = postponed.shift(); next !== undefined; next = postponed.shift()) run(next);
});

/** Does what a merge lets go first. */
function serveWhatIsUrgent(): void {
  for (;;) {
    const received: { message: Request } | undefined = receiveMessageOnPort(port);
    if (received === undefined) return;
    if (received.message.kind === 'merge') postponed.push(received.message);
    else serve(received.message);
  }
}

function serve(request: Request): void {
  if (request.kind === 'write-back') startWriteBack(walPath(setup.directory, request.logNumber));
  else run(request);
}

function run(request: JobRequest): void {
  const environment = request.kind === 'merge' ? mergeEnvironment : flushEnvironment;
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
