/** Runs a compiled benchmark as a process, in a directory that must be empty again afterwards. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const run = promisify(execFile);

export interface BenchRun {
  readonly stdout: string;
  readonly stderr: string;
  /** What the benchmark left behind. */
  readonly leftovers: readonly string[];
}

/** @throws what `execFile` rejects with when the benchmark exits with anything but 0. */
export async function runBench(
  t: TestContext,
  name: 'run' | 'level' | 'load',
  args: readonly string[],
): Promise<BenchRun> {
  const directory = temporaryDirectory(t);
  const script = fileURLToPath(new URL(`../../bench/${name}.js`, import.meta.url));
  const output = await run(process.execPath, [script, '--dir', directory, ...args]);
  return { ...output, leftovers: readdirSync(directory) };
}
