/** RocksDB as a contestant: every workload is a run of db_bench, and the loaded database is kept between them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant, ContestantSetup } from '../contestant.ts';
import { directoryBytes } from '../directory-bytes.ts';
import { peakBytes, writtenBytes } from '../probes.ts';
import type { Measurement, ProcessFootprint } from '../protocol.ts';
import { WORKLOADS } from '../workloads.ts';
import { COMMANDS, LOADING } from './commands.ts';
import { parseOutput } from './output.ts';

/** How often the process is looked at: its counters are gone when it ends. */
const PROBE_MILLISECONDS = 20;

interface Finished {
  readonly output: string;
  readonly peakBytes: number | null;
  readonly writtenBytes: number | null;
}

export class RocksDb implements Contestant {
  readonly #setup: ContestantSetup;
  #child: ChildProcess | undefined;
  #loaded: string | undefined;
  #loadedBytes: number | null = null;
  #peakBytes = 0;

  constructor(setup: ContestantSetup) {
    this.#setup = setup;
  }

  async measure(workload: string): Promise<Measurement> {
    const { database } = COMMANDS[workload];
    if (database === 'loaded') {
      this.#loaded ??= await this.#load();
      return this.#run(workload, this.#loaded);
    }
    const directory = mkdtempSync(join(this.#setup.directory, 'own-'));
    try {
      if (database === 'own') await this.#spawn(directory, this.#flags(LOADING));
      return await this.#run(workload, directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  async finish(): Promise<ProcessFootprint> {
    return { loadedBytes: this.#loadedBytes, restingBytes: null, peakBytes: this.#peakBytes || null };
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async #load(): Promise<string> {
    const directory = mkdtempSync(join(this.#setup.directory, 'loaded-'));
    await this.#spawn(directory, this.#flags(LOADING));
    this.#loadedBytes = directoryBytes(directory);
    return directory;
  }

  async #run(name: string, directory: string): Promise<Measurement> {
    const { entries, valueBytes } = this.#setup;
    const { benchmark, database, before = [], flags = [], threads = 1, isOnce = false } = COMMANDS[name];
    const workload = WORKLOADS[name];
    const operations = Math.min(entries, workload.cap ?? entries);
    const each = Math.max(1, Math.round(operations / threads));
    const finished = await this.#spawn(directory, [
      ...this.#flags([...before, benchmark, 'waitforcompaction']),
      `--use_existing_db=${database === 'empty' ? 0 : 1}`,
      `--reads=${each}`,
      `--writes=${each}`,
      `--threads=${threads}`,
      ...flags,
    ]);
    const printed = parseOutput(finished.output, benchmark);
    const isWriting = workload.calls.some((call) => ['put', 'putLater', 'batch'].includes(call));
    return {
      operations: isOnce ? entries : printed.operations,
      userBytes: isWriting && !isOnce ? printed.operations * (16 + valueBytes) : 0,
      milliseconds: printed.milliseconds,
      cpuMilliseconds: null,
      peakBytes: finished.peakBytes,
      diskBytes: directoryBytes(directory),
      writtenBytes: finished.writtenBytes,
      latency: null,
      timeline: [],
    };
  }

  #flags(benchmarks: readonly string[]): string[] {
    const { entries, valueBytes, cacheBytes, seed } = this.#setup;
    return [
      `--benchmarks=${benchmarks.join(',')}`,
      `--num=${entries}`,
      '--key_size=16',
      `--value_size=${valueBytes}`,
      '--compression_ratio=0.5',
      '--compression_type=snappy',
      '--bloom_bits=10',
      `--cache_size=${cacheBytes}`,
      `--seed=${seed + 1}`,
    ];
  }

  #spawn(directory: string, flags: readonly string[]): Promise<Finished> {
    return new Promise((resolve, reject) => {
      const child = spawn('db_bench', [`--db=${directory}`, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
      this.#child = child;
      let output = '';
      let errors = '';
      let peak: number | null = null;
      let written: number | null = null;
      const probe = (): void => {
        if (child.pid === undefined) return;
        peak = peakBytes(child.pid) ?? peak;
        written = writtenBytes(child.pid) ?? written;
      };
      const timer = setInterval(probe, PROBE_MILLISECONDS);
      child.stdout.on('data', (text) => {
        output += text;
      });
      child.stderr.on('data', (text) => {
        errors = `${errors}${text}`.slice(-2000);
      });
      child.on('error', (error) => {
        clearInterval(timer);
        reject(error);
      });
      child.on('close', (code, signal) => {
        clearInterval(timer);
        this.#peakBytes = Math.max(this.#peakBytes, peak ?? 0);
        if (code === 0) resolve({ output, peakBytes: peak, writtenBytes: written });
        else reject(new Error(`db_bench ended with ${signal ?? code}: ${errors || output.slice(-2000)}`));
      });
    });
  }
}
