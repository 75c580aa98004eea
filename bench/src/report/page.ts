/**
 * Writes the page: what people wrote, in a template, with what was measured where the template asks for it by a
 * comment of its own line, such as `<!-- measured: targets -->`. So the words outlive every run.
 */

import type { Chart } from './charts/chart.ts';
import type { ChartName } from './charts/charts.ts';
import { callsSection, enginesSection, machineSection, mainRunText } from './conditions-section.ts';
import type { Findings } from './findings.ts';
import { microSection } from './micro-section.ts';
import { footprintSection, latencySection, sizesSection, speedsSection } from './tables-section.ts';
import { targetsSection } from './targets-section.ts';

/** The folder of the charts beside the page. */
export const CHARTS_FOLDER = 'benchmarks';

type Section = (findings: Findings, charts: ReadonlyMap<ChartName, Chart>) => string;

const SECTIONS: Readonly<Record<string, Section>> = {
  targets: targetsSection,
  speeds: speedsSection,
  sizes: sizesSection,
  footprint: footprintSection,
  latency: latencySection,
  machine: machineSection,
  'main run': mainRunText,
  engines: enginesSection,
  calls: callsSection,
  pieces: ({ micro }) => microSection(micro),
  'chart throughput': chart('throughput'),
  'chart ycsb': chart('ycsb'),
  'chart latency': chart('latency'),
  'chart resources': chart('resources'),
  'chart amplification': chart('amplification'),
  'chart growth': chart('growth'),
};

const PLACE = /^<!-- measured: (.+) -->$/gm;

/** Nothing is left out of a template in silence, and nothing is asked for that does not exist. @throws Error */
export function renderPage(
  template: string,
  findings: Findings,
  charts: ReadonlyMap<ChartName, Chart>,
): string {
  const unused = new Set(Object.keys(SECTIONS));
  const page = template.replace(PLACE, (_, name: string) => {
    const section = SECTIONS[name];
    if (section === undefined)
      throw new Error(`the template asks for ${name}; there are ${Object.keys(SECTIONS).join(', ')}`);
    unused.delete(name);
    return section(findings, charts);
  });
  if (unused.size > 0) throw new Error(`the template does not ask for ${[...unused].join(', ')}`);
  return page;
}

function chart(name: ChartName): Section {
  return (_, charts) => {
    const found = charts.get(name);
    return found === undefined ? 'Not measured.' : `![${found.title}](${CHARTS_FOLDER}/${name}.svg)`;
  };
}
