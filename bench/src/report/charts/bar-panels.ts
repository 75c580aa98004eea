/** Panels beside each other, a bar for each engine in each of them, from nought on. */
import { axisStyle, baseOption, type Chart, heading, shortNumber, WIDTH } from './chart.ts';
import { COLOURS, colourOf } from './theme.ts';

export interface BarPanel {
  readonly title: string;
  readonly bars: readonly { readonly engine: string; readonly value: number }[];
}

const TOP = 70;
const BOTTOM = 20;
const BAR_HEIGHT = 28;
const LEFT = 106;
const RIGHT = 44;

export function barPanels(title: string, panels: readonly BarPanel[]): Chart {
  const most = Math.max(...panels.map(({ bars }) => bars.length));
  const width = WIDTH / panels.length - LEFT - RIGHT;
  const boxes = panels.map(({ bars }, place) => ({
    left: LEFT + place * (width + LEFT + RIGHT),
    top: TOP,
    width,
    height: BAR_HEIGHT * bars.length,
  }));
  const engines = [...new Set(panels.flatMap(({ bars }) => bars.map(({ engine }) => engine)))];
  const { legend: _, ...base } = baseOption(engines, 0);
  return {
    title,
    width: WIDTH,
    height: TOP + BAR_HEIGHT * most + BOTTOM,
    option: {
      ...base,
      title: [
        heading(title, 8, 8),
        ...panels.map((panel, place) => heading(panel.title, boxes[place].left - LEFT + 8, TOP - 30, 13)),
      ],
      grid: boxes,
      xAxis: panels.map((_, gridIndex) => ({
        ...axisStyle(''),
        type: 'value',
        gridIndex,
        min: 0,
        axisLabel: { show: false },
        splitLine: { show: false },
      })),
      yAxis: panels.map(({ bars }, gridIndex) => ({
        ...axisStyle(''),
        type: 'category',
        gridIndex,
        inverse: true,
        data: bars.map(({ engine }) => engine),
        axisLabel: { color: COLOURS.ink, fontSize: 12 },
        splitLine: { show: false },
      })),
      series: panels.map(({ bars }, place) => ({
        type: 'bar',
        xAxisIndex: place,
        yAxisIndex: place,
        barWidth: 14,
        label: {
          show: true,
          position: 'right',
          color: COLOURS.ink,
          fontSize: 12,
          formatter: ({ value }: { readonly value: number }) => `${shortNumber(value)}x`,
        },
        data: bars.map(({ engine, value }) => ({ value, itemStyle: { color: colourOf(engine, engines) } })),
      })),
    },
  };
}
