/** What a worker thread is started with: plain data, shared memory and one end of a channel. */
import type { MessagePort } from 'node:worker_threads';
import type { TableLayout } from '../compaction/job.ts';

/** What a worker has to know of its database. */
export interface WorkerDatabase {
  readonly directory: string;
  readonly databaseId: Uint8Array;
  readonly table: TableLayout;
}

/** What a worker is started with. */
export interface WorkerSetup extends WorkerDatabase {
  readonly mailbox: SharedArrayBuffer;
  readonly fileNumbers: SharedArrayBuffer | ArrayBuffer;
  readonly port: MessagePort;
}
