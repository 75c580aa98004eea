/**
 * Runs jobs for the owner of a database. Answers are collected by the owner, when it wants: nothing is
 * installed behind its back.
 */
import type { JobAnswer, JobRequest } from './job.ts';

export interface Executor {
  /** Whether jobs run while the owner goes on, rather than within `submit`. */
  readonly runsAside: boolean;

  /** Whether an answer may be waiting. Cheap: asked at every write. */
  readonly hasAnswer: boolean;

  /** Starts a job. Every job gets exactly one answer, also when its thread dies. */
  submit(request: JobRequest): void;

  /** The next answer, if there is one. */
  take(): JobAnswer | undefined;

  /** Blocks the caller until an answer arrives, at most so long. */
  wait(milliseconds: number): void;

  /**
   * Whether the process stays alive for an answer. It does not by default: a running compaction is no reason
   * to go on, somebody who awaits it is.
   */
  keepAlive(on: boolean): void;

  /**
   * Begins to bring to the disk what the write-ahead log of that number holds by now, if there is a thread that
   * can do it while the owner goes on. It promises nothing and reports nothing: a later sync does, and is short.
   */
  writeBack(logNumber: number): void;

  /** Asks running jobs to stop; they answer with `LSM_ABORTED`. */
  requestStop(): void;

  /** Gives back the thread; no job may be running. Idempotent. */
  close(): void;
}

/** Called from the event loop when an answer has arrived while the owner was idle. */
export type AnswerListener = () => void;
