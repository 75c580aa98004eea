/**
 * What passes between the owner of a database and whoever runs its jobs: plain data and shared buffers,
 * never descriptors or objects with methods, so that the same request can cross to a thread.
 */

import type { MergeTask } from '../compaction/compaction-task.ts';
import { runFlush } from '../compaction/flush-job.ts';
import type { JobEnvironment, JobResult } from '../compaction/job.ts';
import type { MergeContext } from '../compaction/merge-context.ts';
import { runMerge } from '../compaction/merge-job.ts';
import { LsmError, type LsmErrorCode } from '../errors.ts';
import { removeIfThere } from '../fs/remove-file.ts';
import { MemTable } from '../memtable/mem-table.ts';

/** Write a frozen memtable to a table of L0. */
export interface FlushRequest {
  readonly kind: 'flush';
  readonly id: number;
  readonly memtable: SharedArrayBuffer | ArrayBuffer;
  /** Live snapshot sequences, ascending. */
  readonly snapshots: readonly number[];
}

/** Merge tables into new ones. */
export interface MergeRequest {
  readonly kind: 'merge';
  readonly id: number;
  readonly task: MergeTask;
  readonly context: MergeContext;
}

/** Remove a file that nothing names any more. Done if it is not there. */
export interface RemoveRequest {
  readonly kind: 'remove';
  readonly id: number;
  readonly path: string;
}

export type JobRequest = FlushRequest | MergeRequest | RemoveRequest;

/** Begin to bring a write-ahead log to the disk. No job: nothing comes back. */
export interface WriteBackRequest {
  readonly kind: 'write-back';
  readonly logNumber: number;
}

/** How a job ended: with its result, or with the error that stopped it and left no file behind. */
export interface JobAnswer {
  readonly id: number;
  readonly outcome: JobResult | LsmError;
  /** Whether a thread died with it meanwhile, which may have left files behind that belong to nothing. */
  readonly interrupted?: boolean;
}

/** A {@link JobAnswer} as it crosses between threads: error objects lose their class on the way. */
export interface WireAnswer {
  readonly id: number;
  readonly result?: JobResult;
  readonly error?: {
    readonly code: LsmErrorCode;
    readonly message: string;
    readonly file: string | undefined;
    readonly offset: number | undefined;
    readonly cause: string | undefined;
  };
}

/** Runs a job to its end and never throws. */
export function runJob(environment: JobEnvironment, request: JobRequest): JobAnswer {
  try {
    return { id: request.id, outcome: outcomeOf(environment, request) };
  } catch (error) {
    return { id: request.id, outcome: asLsmError(error) };
  }
}

function outcomeOf(environment: JobEnvironment, request: JobRequest): JobResult {
  switch (request.kind) {
    case 'flush':
      return runFlush(environment, MemTable.attach(request.memtable), request.snapshots);
    case 'merge':
      return runMerge(environment, request.task, request.context);
    case 'remove':
      removeIfThere(environment.fs, request.path);
      return NO_TABLES;
  }
}

const NO_TABLES: JobResult = {
  tables: [],
  entriesRead: 0,
  entriesWritten: 0,
  entriesDropped: 0,
  bytesRead: 0,
  bytesWritten: 0,
};

export function toWire(answer: JobAnswer): WireAnswer {
  const { id, outcome } = answer;
  if (!(outcome instanceof LsmError)) return { id, result: outcome };
  const { code, message, file, offset } = outcome;
  const cause = outcome.cause === undefined ? undefined : String(outcome.cause);
  return { id, error: { code, message, file, offset, cause } };
}

export function fromWire(answer: WireAnswer): JobAnswer {
  if (answer.result !== undefined) return { id: answer.id, outcome: answer.result };
  const error = answer.error;
  if (error === undefined) return { id: answer.id, outcome: new LsmError('LSM_INTERNAL', 'an empty answer') };
  return { id: answer.id, outcome: new LsmError(error.code, error.message, error) };
}

function asLsmError(error: unknown): LsmError {
  if (error instanceof LsmError) return error;
  return new LsmError('LSM_INTERNAL', `a background job failed: ${String(error)}`, { cause: error });
}
