/** Runs the writer and kills it in the middle of its work. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EXIT_NEGATIVE, Failure } from '../exit-codes.ts';
import { FIRST_STRETCHES, stretchOf } from './write-plan.ts';

/** One byte is leave for one stretch. */
const LEAVE = '.';

export interface CrashPlan {
  readonly directory: string;
  readonly seed: number;
  readonly records: number;
  /** The writer is killed when so many records were acknowledged. */
  readonly killAt: number;
  readonly onProgress: (acknowledged: number) => void;
  /** Aborted when the person asked to stop. */
  readonly signal: AbortSignal;
}

/** How many records the writer had acknowledged when it died. */
export async function crashWriter(plan: CrashPlan): Promise<number> {
  const script = fileURLToPath(new URL(`./writer${extension()}`, import.meta.url));
  const writer = spawn(process.execPath, [script, plan.directory, String(plan.seed), String(plan.records)], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    writer.on('error', reject);
    writer.on('close', (code, signal) => resolve({ code, signal }));
  });
  const kill = (): void => void writer.kill('SIGKILL');
  plan.signal.addEventListener('abort', kill, { once: true });

  const { stdin, stderr } = writer;
  if (stdin === null || stderr === null) throw noPipe();
  // Leave that comes too late for a writer that is dead already is no failure.
  stdin.on('error', () => {});
  const stretch = stretchOf(plan.records);
  let allowed = FIRST_STRETCHES * stretch;
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const acknowledged = await lastReport(reportsOf(writer.stdio[3]), (count) => {
    plan.onProgress(count);
    if (count >= plan.killAt) {
      kill();
    } else if (count >= allowed - stretch) {
      stdin.write(LEAVE);
      allowed += stretch;
    }
  });
  const { code, signal } = await ended;
  plan.signal.removeEventListener('abort', kill);
  plan.signal.throwIfAborted();
  if (signal !== 'SIGKILL') {
    throw new Failure(EXIT_NEGATIVE, `the writer ended by itself (exit code ${code}): ${complaint.trim()}`);
  }
  return acknowledged;
}

/** Reads the reports to their end, which comes after the writer's death: none that was sent is missed. */
async function lastReport(reports: Readable, onReport: (count: number) => void): Promise<number> {
  let last = 0;
  for await (const line of createInterface({ input: reports })) {
    last = Number(line);
    onReport(last);
  }
  return last;
}

function reportsOf(stream: unknown): Readable {
  if (stream instanceof Readable) return stream;
  throw noPipe();
}

function noPipe(): Error {
  return new Error('the writer was started without its pipes');
}

/** The writer runs as this file does: compiled, or as it is under type stripping. */
function extension(): string {
  return import.meta.url.endsWith('.ts') ? '.ts' : '.js';
}
