/**
 * Puts counters into compiled code: one for every statement, function and branch, also for the `else` that
 * was not written. Istanbul finds the places; its counters, each behind a call and two lookups, become elements
 * of one array of numbers, which is several times as quick.
 *
 * A counted module takes its array, and the constructors of arrays that it allocates with, from
 * `globalThis[ATTACH]` (see counters.ts).
 */
import { createInstrumenter, type FileCoverage } from 'istanbul-lib-instrument';
import { ATTACH, METERED } from './contract.ts';

export interface CountedCode {
  readonly code: string;
  /** Where the counters stand: those of statements first, then functions, then the ways of each branch. */
  readonly places: FileCoverage;
  readonly counters: number;
}

const instrumenter = createInstrumenter({ esModules: true, compact: false });

/** What istanbul puts before the code: a function with the places, and a call of it. */
const PREAMBLE = /^function (cov_\w+)\(\) \{[\s\S]*?\n\}\n\1\(\);\n/m;
const COUNTER = /\bcov_\w+\(\)\.([sfb])\[(\d+)\](?:\[(\d+)\])?\+\+/g;

/** The code of the module at `path`, with counters in it. */
export function instrument(code: string, path: string): CountedCode {
  const istanbul = instrumenter.instrumentSync(code, path);
  const places = instrumenter.lastFileCoverage();
  const statements = Object.keys(places.statementMap).length;
  const functions = Object.keys(places.fnMap).length;
  const firstWay: number[] = [];
  let counters = statements + functions;
  for (const { locations } of Object.values(places.branchMap)) {
    firstWay.push(counters);
    counters += locations.length;
  }
  const counted = istanbul
    .replace(PREAMBLE, '')
    .replace(COUNTER, (_, kind: string, id: string, way: string | undefined) => {
      const number = Number(id);
      const index =
        kind === 's' ? number : kind === 'f' ? statements + number : firstWay[number] + Number(way);
      return `hits__[${index}]++`;
    });
  if (counted.includes('cov_')) throw new Error(`istanbul counts in ${path} in a way that is not known here`);
  const prelude = `const { hits: hits__, stop: stop__, ${METERED.join(', ')} } = globalThis[${JSON.stringify(ATTACH)}](${JSON.stringify(path)}, ${counters});\n`;
  return { code: prelude + counted, places, counters };
}
