/**
 * Text cases for the pickers. A file holds cases divided by blank lines; a case is
 *
 *     = name of the case
 *     options tableBytes=100 oldestSnapshot=50      changes of the options below
 *     compression none lz4                         the codecs of the levels
 *     L0 3:a-k 2:b-c:size=300,tombstones=9          tables of a level: file:first-last key[:figures]
 *     L6 1:a-z
 *     running L1[4] L2[5 6] -> L2                   tasks that are running
 *     ----
 *     merge L0[3 2] L6[1] -> L6: the reason         what is picked
 *
 * In L0 the tables stand newest first. Figures that are not given: size 100, entries 10, no tombstones.
 * `UPDATE_EXPECTED=1` writes what is picked into the files.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Compression } from '../../src/bytes/compression.ts';
import { type CompactionTask, inputsOf, outputLevelOf } from '../../src/compaction/compaction-task.ts';
import type { CompactionOptions } from '../../src/compaction/strategy.ts';
import type { TableMeta } from '../../src/version/table-meta.ts';
import type { Version } from '../../src/version/version.ts';
import { l0Table, table, versionOf } from '../version/table-fixture.ts';

export const OPTIONS: CompactionOptions = {
  levelCount: 7,
  l0CompactionFiles: 4,
  baseLevelBytes: 1000,
  levelRatio: 10,
  tableBytes: 100,
  minTombstones: 5,
};

export interface PickerCase {
  readonly name: string;
  readonly setup: readonly string[];
  readonly expected: string;
}

export interface PickerInput {
  readonly version: Version;
  readonly options: CompactionOptions;
  readonly running: readonly CompactionTask[];
}

/** The source file, also when the compiled test runs. */
function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../../test/compaction/pickers/${name}`, import.meta.url));
}

export function readCases(name: string): PickerCase[] {
  const blocks = readFileSync(pathOf(name), 'utf8').trim().split(/\n\n+/);
  return blocks.map((block) => {
    const lines = block.split('\n');
    const divider = lines.indexOf('----');
    assert.ok(lines[0].startsWith('= ') && divider > 0, block);
    return {
      name: lines[0].slice(2),
      setup: lines.slice(1, divider),
      expected: lines.slice(divider + 1).join('\n'),
    };
  });
}

export function writeCases(name: string, cases: readonly PickerCase[]): void {
  const text = cases.map((c) => [`= ${c.name}`, ...c.setup, '----', c.expected].join('\n')).join('\n\n');
  writeFileSync(pathOf(name), `${text}\n`);
}

export function parseSetup(setup: readonly string[]): PickerInput {
  const levels: Record<number, TableMeta[]> = {};
  const runningLines: string[] = [];
  let options: CompactionOptions = OPTIONS;
  for (const line of setup) {
    const [word, ...rest] = line.split(' ');
    if (word === 'options') options = { ...options, ...figures(rest) };
    else if (word === 'compression') options = { ...options, compression: rest as Compression[] };
    else if (word === 'running') runningLines.push(line.slice('running '.length));
    else levels[Number(word.slice(1))] = parseLevel(Number(word.slice(1)), rest);
  }
  const version = versionOf(levels, options.levelCount);
  return { version, options, running: runningLines.map((line) => parseTask(line, version)) };
}

export function showTask(task: CompactionTask | undefined): string {
  if (task === undefined) return 'nothing';
  const inputs = inputsOf(task).map(
    ({ level, tables }) => `L${level}[${tables.map(({ fileNumber }) => fileNumber).join(' ')}]`,
  );
  const output = outputLevelOf(task);
  return `${task.kind} ${inputs.join(' ')}${output === undefined ? '' : ` -> L${output}`}: ${task.reason}`;
}

function figures(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const [name, value] = word.split('=');
      return [name, Number(value)];
    }),
  );
}

function parseLevel(level: number, words: readonly string[]): TableMeta[] {
  return words.map((word, i) => {
    const [file, span, rest] = word.split(':');
    const [smallest, largest] = span.split('-');
    const { size, entries, tombstones, max } = figures(rest === undefined ? [] : rest.split(','));
    const given: Partial<TableMeta> = {
      fileBytes: size ?? 100,
      entryCount: entries ?? 10,
      tombstoneCount: tombstones ?? 0,
      ...(max === undefined ? {} : { maxSequence: max }),
    };
    return level === 0
      ? l0Table(words.length - i, Number(file), smallest, largest, given)
      : table(Number(file), smallest, largest, given);
  });
}

function parseTask(text: string, version: Version): CompactionTask {
  const output = /-> L(\d+)/.exec(text);
  assert.ok(output, text);
  const inputs = [...text.matchAll(/L(\d+)\[([\d ]+)\]/g)].map(([, level, files]) => {
    const wanted = files.split(' ').map(Number);
    const tables = version.levels[Number(level)].filter(({ fileNumber }) => wanted.includes(fileNumber));
    assert.equal(tables.length, wanted.length, text);
    return { level: Number(level), tables };
  });
  return { kind: 'merge', inputs, outputLevel: Number(output[1]), reason: 'running' };
}
