/** One process of `npm run test:long`: explores its share of the cases and tells of them. */
import { inspect } from 'node:util';
import { type Counts, exploreMany } from './explorer.ts';
import { loadExplorer } from './load-explorer.ts';

export type Message = { readonly counts: Counts } | { readonly finding: string };

/** Milliseconds between two reports. */
const REPORT_EVERY = 500;

const [name, from, step, units] = process.argv.slice(2);
const explorer = await loadExplorer(name);
let reported = 0;
try {
  const counts = await exploreMany(explorer, {
    from: Number(from),
    step: Number(step),
    units: Number(units),
    onCase: (soFar) => {
      if (performance.now() - reported < REPORT_EVERY) return;
      reported = performance.now();
      tell({ counts: { ...soFar } });
    },
  });
  tell({ counts });
} catch (finding) {
  tell({ finding: inspect(finding, { depth: 4 }) });
  process.exitCode = 1;
}
process.disconnect();

function tell(message: Message): void {
  process.send?.(message);
}
