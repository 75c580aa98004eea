/** What db_bench prints of a benchmark: `readrandom : 2.041 micros/op 489857 ops/sec 2.041 seconds 1000000 operations; ...` */

export interface Printed {
  readonly operations: number;
  readonly milliseconds: number;
}

/** It prints milliseconds: what took none is given a half. */
const RESOLUTION = 0.5;

/** The last line of a benchmark. @throws Error if there is none. */
export function parseOutput(output: string, benchmark: string): Printed {
  const line = new RegExp(
    `^${benchmark} +: +[\\d.]+ micros/op \\d+ ops/sec ([\\d.]+) seconds (\\d+) operations;`,
    'gm',
  );
  const last = [...output.matchAll(line)].at(-1);
  if (last === undefined)
    throw new Error(`db_bench printed no result of ${benchmark}: ${output.slice(-500)}`);
  return { operations: Number(last[2]), milliseconds: Math.max(Number(last[1]) * 1000, RESOLUTION) };
}
