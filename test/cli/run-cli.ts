/** Runs the compiled command as its users do: as a process with streams and an exit code. */
import { Buffer } from 'node:buffer';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
}

/** Starts the command; `finished` comes when it has ended and all its output is there. */
export function startCli(args: readonly string[]): {
  process: ChildProcessWithoutNullStreams;
  finished: Promise<CliResult>;
} {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A command that ends before it has read its input is a result like any other.
  child.stdin.on('error', () => {});
  const finished = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const stdoutBytes = Buffer.concat(stdout);
      const texts = { stdout: stdoutBytes.toString(), stderr: Buffer.concat(stderr).toString() };
      resolve({ code, signal, stdoutBytes, ...texts });
    });
  });
  return { process: child, finished };
}

/** Runs the command to its end. */
export function runCli(args: readonly string[], input: string | Uint8Array = ''): Promise<CliResult> {
  const { process: child, finished } = startCli(args);
  child.stdin.end(input);
  return finished;
}

/** A path for a database in a directory of its own, removed after the test. */
export function temporaryDatabase(context: TestContext): string {
  return join(temporaryDirectory(context), 'db');
}

export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'mini-lsm-cli-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The objects of an output of one JSON object a line. */
export function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
