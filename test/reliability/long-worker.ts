/** One process of `npm run test:long`: explores its share of the cases and tells of them. */
import { inspect } from 'node:util';
import { type Counts, exploreMany } from './explorer.ts';
import { loadExplorer } from './load-explorer.ts';

/** What was explored so far, up to the case of a seed; with the last word, what was found or that all is done. */
export interface Message {
  readonly counts: Counts;
  readonly seed: number;
  readonly end?: 'done' | { readonly finding: string };
}

/** Milliseconds between two reports. */
const REPORT_EVERY = 500;

const [name, from, step, units] = process.argv.slice(2);
const explorer = await loadExplorer(name);
let reported = 0;
let latest: Message = { counts: {}, seed: Number(from) };
try {
  await exploreMany(explorer, {
    from: Number(from),
    step: Number(step),
    units: Number(units),
    onCase: (soFar, seed) => {
      latest = { counts: { ...soFar }, seed };
      if (performance.now() - reported < REPORT_EVERY) return;
      reported = performance.now();
      void tell(latest);
    },
  });
  await tell({ ...latest, end: 'done' });
} catch (finding) {
  await tell({ ...latest, end: { finding: inspect(finding, { depth: 4 }) } });
  process.exitCode = 1;
}
process.disconnect();

/** Waits until it is sent: what is only queued would be lost with the channel. */
function tell(message: Message): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}
