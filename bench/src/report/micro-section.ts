/** The pieces of the engine, each by itself. */
import type { MicroReport } from '../micro/case.ts';
import { table } from './markdown.ts';

export function microSection(micro: MicroReport | undefined): string {
  if (micro === undefined) return 'Not measured.';
  return table(
    [
      { title: 'piece' },
      { title: 'work' },
      { title: 'ns, median', isNumber: true },
      { title: 'ns, fastest', isNumber: true },
      { title: 'MB/s', isNumber: true },
    ],
    micro.results.map(({ piece, work, bytes, medianNanoseconds, fastestNanoseconds }) => [
      piece,
      work,
      nanoseconds(medianNanoseconds),
      nanoseconds(fastestNanoseconds),
      // Bytes a nanosecond are gigabytes a second. JSON has no undefined.
      bytes === undefined || bytes === null ? '' : ((bytes * 1000) / medianNanoseconds).toFixed(0),
    ]),
  );
}

function nanoseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}
