/**
 * The process in which one engine lives for one round. The runner asks for one workload at a time, so that the
 * engines are measured in turns; the database of the reading workloads stays open in between.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataMaker } from './data.ts';
import { directoryBytes } from './directory-bytes.ts';
import type { Engine, EngineModule } from './engine.ts';
import type { Watch } from './latencies.ts';
import { load, warmCache } from './load.ts';
import { MODULES } from './modules.ts';
import { openTimes } from './open-times.ts';
import { Pass, type Timing } from './pass.ts';
import { peakBytes, resetPeak, writtenBytes } from './probes.ts';
import type { ChildAnswer, ChildRequest, ChildSetup, Measurement, ProcessFootprint } from './protocol.ts';
import type { Durability } from './result.ts';
import { settle } from './settle.ts';
import { WORKLOADS } from './workloads.ts';

/** The runner is told of the progress this often. */
const PROGRESS_OPERATIONS = 10_000;

/** All reading workloads look at what the load left behind: it gets more time to settle than they. */
const LOADED_RESTING_MILLISECONDS = 500;

/** Every workload is run once on a small database first, so that what is measured is compiled code. */
const WARM_UP_ENTRIES = 10_000;
const WARM_UP_SYNCS = 200;

class Session {
  readonly #setup: ChildSetup;
  readonly #module: EngineModule;
  readonly #maker: DataMaker;
  readonly #restingBytes = process.memoryUsage.rss();
  #loaded: Engine | undefined;
  #loadedDirectory = '';
  #loadedBytes: number | null = null;
  #peakBytes: number | null = null;

  constructor(setup: ChildSetup) {
    this.#setup = setup;
    this.#module = MODULES[setup.engine];
    this.#maker = new DataMaker(this.#module.form(setup.encoding), setup.valueBytes, setup.seed);
  }

  async warmUp(): Promise<void> {
    const { entries, quick, workloads } = this.#setup;
    const few = quick ? 100 : Math.min(WARM_UP_ENTRIES, entries);
    for (const name of workloads) {
      const workload = WORKLOADS[name];
      const syncs = workload.durability === 'fsync' ? WARM_UP_SYNCS : few;
      await this.#inDirectory((directory) =>
        this.#alone(name, directory, few, Math.min(few, syncs), () => {}),
      );
    }
  }

  async measure(name: string): Promise<Measurement> {
    const { entries, quick } = this.#setup;
    const workload = WORKLOADS[name];
    const onProgress = (done: number): void => {
      if (done % PROGRESS_OPERATIONS === 0) send({ kind: 'progress', done });
    };
    const operations = Math.min(entries, workload.cap ?? entries);
    const isShared = workload.database === 'loaded' && workload.run.kind === 'pass';
    if (!isShared) {
      return this.#inDirectory((directory) => this.#alone(name, directory, entries, operations, onProgress));
    }
    this.#loaded ??= await this.#openLoaded();
    const measurement = await this.#observed(this.#loadedDirectory, () =>
      this.#pass(name, this.#loaded as Engine, this.#loadedDirectory, entries, operations, onProgress),
    );
    if (!quick) await settle();
    return measurement;
  }

  async finish(): Promise<ProcessFootprint> {
    await this.#loaded?.close();
    return {
      loadedBytes: this.#loadedBytes,
      restingBytes: this.#restingBytes,
      peakBytes: this.#peakBytes ?? process.resourceUsage().maxRSS * 1024,
    };
  }

  /** A workload that has a database to itself. */
  async #alone(
    name: string,
    directory: string,
    entries: number,
    operations: number,
    onProgress: (done: number) => void,
  ): Promise<Measurement> {
    const { run, database, durability } = WORKLOADS[name];
    if (run.kind === 'open') {
      const open = (at: string): Promise<Engine> => this.#open(at, durability);
      const first = await this.#loadInto(directory, entries, durability);
      return this.#observed(directory, () =>
        openTimes(first, { directory, open, after: run.after, maker: this.#maker, entries }),
      );
    }
    const engine =
      database === 'empty'
        ? await this.#open(directory, durability)
        : await this.#loadInto(directory, entries, durability);
    try {
      return await this.#observed(directory, () =>
        this.#pass(name, engine, directory, entries, operations, onProgress),
      );
    } finally {
      await engine.close();
    }
  }

  #pass(
    name: string,
    engine: Engine,
    directory: string,
    entries: number,
    operations: number,
    onProgress: (done: number) => void,
  ): Promise<Timing> {
    const { run, unhurried } = WORKLOADS[name];
    if (run.kind !== 'pass') throw new Error(`${name} is no pass`);
    const { seed } = this.#setup;
    const seconds = unhurried === true ? Number.POSITIVE_INFINITY : this.#setup.seconds;
    const watch = this.#watching(directory);
    const options = { workload: name, operations, entries, seed, seconds, onProgress, watch };
    return run.run(new Pass(this.#maker, options), engine);
  }

  #watching(directory: string): Watch {
    const before = writtenBytes();
    return () => {
      const written = writtenBytes();
      return {
        diskBytes: this.#module.inMemory ? null : directoryBytes(directory),
        writtenBytes: written === null || before === null ? null : written - before,
      };
    };
  }

  /** What a workload took besides time, the background work that it left behind included. */
  async #observed(directory: string, run: () => Promise<Timing>): Promise<Measurement> {
    resetPeak();
    const written = writtenBytes();
    const { operations, userBytes, milliseconds, cpuMilliseconds, latency, timeline } = await run();
    if (!this.#setup.quick) await settle();
    const writtenAfter = writtenBytes();
    const peak = peakBytes();
    if (peak !== null) this.#peakBytes = Math.max(this.#peakBytes ?? 0, peak);
    return {
      operations,
      userBytes,
      milliseconds,
      cpuMilliseconds,
      peakBytes: peak,
      diskBytes: this.#module.inMemory ? null : directoryBytes(directory),
      writtenBytes: written === null || writtenAfter === null ? null : writtenAfter - written,
      latency,
      timeline,
    };
  }

  async #openLoaded(): Promise<Engine> {
    const { entries } = this.#setup;
    this.#loadedDirectory = mkdtempSync(join(this.#setup.directory, 'loaded-'));
    const engine = await this.#loadInto(this.#loadedDirectory, entries, 'os');
    if (!this.#module.inMemory) this.#loadedBytes = directoryBytes(this.#loadedDirectory);
    await warmCache(engine, this.#maker, entries);
    return engine;
  }

  async #loadInto(directory: string, entries: number, durability: Durability): Promise<Engine> {
    const engine = await this.#open(directory, durability);
    await load(engine, this.#maker, entries, this.#setup.seed);
    if (!this.#setup.quick) await settle(LOADED_RESTING_MILLISECONDS);
    return engine;
  }

  #open(directory: string, durability: Durability): Promise<Engine> {
    const { cacheBytes, encoding } = this.#setup;
    return this.#module.open({ directory, durability, cacheBytes, encoding });
  }

  async #inDirectory<Result>(run: (directory: string) => Promise<Result>): Promise<Result> {
    const directory = mkdtempSync(join(this.#setup.directory, 'own-'));
    try {
      return await run(directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

function send(answer: ChildAnswer): void {
  process.send?.(answer);
}

function fail(error: unknown): void {
  send({ kind: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
  process.disconnect();
}

async function handle(session: Session, request: ChildRequest): Promise<void> {
  if (request !== 'finish') {
    send({ kind: 'measured', measurement: await session.measure(request.workload) });
    return;
  }
  send({ kind: 'finished', footprint: await session.finish() });
  process.disconnect();
}

async function serve(setup: ChildSetup): Promise<void> {
  const session = new Session(setup);
  await session.warmUp();
  process.on('message', (request: ChildRequest) => {
    handle(session, request).catch(fail);
  });
  send({ kind: 'ready' });
}

// Also when the runner has died: nobody is left to ask for anything.
process.on('disconnect', () => process.exit());

serve(JSON.parse(process.argv[2])).catch(fail);
