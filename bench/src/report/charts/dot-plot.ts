/**
 * Workloads down the page, a dot for each engine on a logarithmic scale: speeds lie a thousandfold apart, and a
 * bar on such a scale would have a length that means nothing.
 */
import { axisStyle, baseOption, type Chart, decades, heading, shortNumber, WIDTH } from './chart.ts';
import { COLOURS, colourOf } from './theme.ts';

export interface DotRow {
  readonly name: string;
  /** By engine; those that were not measured are not there. */
  readonly values: ReadonlyMap<string, number>;
}

const ROW_HEIGHT = 30;
const TOP = 76;
const BOTTOM = 52;

/** The first engine's dots are the largest, and say their number. */
export function dotPlot(
  title: string,
  unit: string,
  engines: readonly string[],
  rows: readonly DotRow[],
): Chart {
  const height = TOP + ROW_HEIGHT * rows.length + BOTTOM;
  const { min, max } = decades(rows.flatMap(({ values }) => [...values.values()]));
  return {
    title,
    width: WIDTH,
    height,
    option: {
      ...baseOption(engines, 36),
      title: heading(title, 8, 8),
      grid: { left: 150, right: 60, top: TOP, bottom: BOTTOM },
      xAxis: {
        ...axisStyle(unit),
        type: 'log',
        min,
        max,
        axisLabel: { color: COLOURS.faint, fontSize: 11, formatter: shortNumber },
      },
      yAxis: {
        type: 'category',
        data: rows.map(({ name }) => name),
        inverse: true,
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: COLOURS.ink, fontSize: 13 },
        splitLine: { show: true, lineStyle: { color: COLOURS.line } },
        splitArea: { show: false },
      },
      // The first engine is drawn last, above the others.
      series: engines.map((engine, place) => ({
        name: engine,
        type: 'scatter',
        z: place === 0 ? 4 : 3,
        symbolSize: place === 0 ? 15 : 10,
        itemStyle: { color: colourOf(engine, engines), opacity: 1 },
        label: {
          show: place === 0,
          position: 'top',
          distance: 2,
          fontSize: 10,
          color: COLOURS.faint,
          formatter: ({ value }: { readonly value: readonly number[] }) => shortNumber(value[0]),
        },
        data: rows.flatMap(({ values }, row) => {
          const value = values.get(engine);
          return value === undefined ? [] : [[value, row]];
        }),
      })),
    },
  };
}
