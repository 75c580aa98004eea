/** The results that a report is made of: every JSON file of a folder, checked as far as the report relies on it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MicroReport } from '../micro/case.ts';
import { type BenchResult, RESULT_FORMAT } from '../result.ts';

export interface Inputs {
  /** In the order of the names of their files. */
  readonly benches: readonly BenchResult[];
  readonly micros: readonly MicroReport[];
}

/** @throws Error that names the file which is no result, or the folder without any. */
export function readInputs(folder: string): Inputs {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  const benches: BenchResult[] = [];
  const micros: MicroReport[] = [];
  for (const name of names) {
    const result = parse(join(folder, name));
    if (isMicro(result)) micros.push(result);
    else if (isBench(result)) benches.push(result);
    else
      throw new Error(`${join(folder, name)} is no result of this version of npm run bench or bench:micro`);
  }
  if (benches.length === 0) {
    throw new Error(
      `${folder} has no results: run npm run bench:all, or npm run bench -- --json ${join(folder, 'bench.json')}`,
    );
  }
  return { benches, micros };
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function isBench(result: unknown): result is BenchResult {
  return (
    has(result, 'format') &&
    result.format === RESULT_FORMAT &&
    has(result, 'runs') &&
    Array.isArray(result.runs)
  );
}

function isMicro(result: unknown): result is MicroReport {
  return (
    has(result, 'kind') && result.kind === 'micro' && has(result, 'results') && Array.isArray(result.results)
  );
}

function has<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && name in value;
}
