/** Panels beside or below each other, a line for each engine in each of them. */
import { axisStyle, baseOption, type Chart, decades, heading, shortNumber, WIDTH } from './chart.ts';
import { COLOURS, colourOf } from './theme.ts';

export interface Panel {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly scale: { readonly x: 'value' | 'log'; readonly y: 'value' | 'log' };
  /** Whether the points themselves are shown: where there are few of them. */
  readonly showsPoints: boolean;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly engine: string;
  /** A second line of the same engine is dashed. */
  readonly isDashed: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const TOP = 104;
const GAP_BETWEEN = 84;
const LEFT = 66;
const RIGHT = 24;

/** More points than a chart has room for are thinned out, the highest of each stretch staying. */
const MOST_POINTS = 240;

export function linePanels(
  title: string,
  panels: readonly Panel[],
  columns: 1 | 2,
  panelHeight: number,
): Chart {
  const engines = [...new Set(panels.flatMap(({ lines }) => lines.map(({ engine }) => engine)))];
  const rows = Math.ceil(panels.length / columns);
  const width = (WIDTH - columns * (LEFT + RIGHT)) / columns;
  const boxes = panels.map((_, place) => ({
    left: LEFT + (place % columns) * (width + LEFT + RIGHT),
    top: TOP + Math.floor(place / columns) * (panelHeight + GAP_BETWEEN),
    width,
    height: panelHeight,
  }));
  return {
    title,
    width: WIDTH,
    height: TOP + rows * (panelHeight + GAP_BETWEEN) - 28,
    option: {
      ...baseOption(engines, 36),
      title: [
        heading(title, 8, 8),
        ...panels.map((panel, place) =>
          heading(panel.title, boxes[place].left - 44, boxes[place].top - 30, 13),
        ),
      ],
      grid: boxes,
      xAxis: panels.map((panel, place) => axis(panel, 'x', place)),
      yAxis: panels.map((panel, place) => axis(panel, 'y', place)),
      series: panels.flatMap((panel, place) =>
        panel.lines.map((line) => series(line, panel, place, engines)),
      ),
    },
  };
}

function axis(panel: Panel, which: 'x' | 'y', gridIndex: number): Readonly<Record<string, unknown>> {
  const type = panel.scale[which];
  const numbers = panel.lines.flatMap(({ points }) => points.map((point) => point[which === 'x' ? 0 : 1]));
  return {
    ...axisStyle(panel[which]),
    nameGap: which === 'x' ? 28 : 46,
    type,
    gridIndex,
    ...(type === 'log' ? decades(numbers) : { min: 0 }),
    axisLabel: { color: COLOURS.faint, fontSize: 11, formatter: shortNumber },
    splitLine: { show: which === 'y', lineStyle: { color: COLOURS.line } },
  };
}

function series(
  { engine, isDashed, points }: Line,
  { showsPoints }: Panel,
  place: number,
  engines: readonly string[],
): Readonly<Record<string, unknown>> {
  const color = colourOf(engine, engines);
  return {
    name: engine,
    type: 'line',
    xAxisIndex: place,
    yAxisIndex: place,
    showSymbol: showsPoints,
    symbol: 'circle',
    symbolSize: 7,
    // The project's own engines are above the others.
    z: engine.startsWith('mini-') ? 4 : 3,
    itemStyle: { color },
    lineStyle: { color, width: isDashed ? 1.2 : 2, type: isDashed ? 'dotted' : 'solid' },
    data: thinned(points),
  };
}

/** At most so many points: of each stretch the highest. */
export function thinned(points: Line['points'], most: number = MOST_POINTS): Line['points'] {
  if (points.length <= most) return points;
  const stretch = Math.ceil(points.length / most);
  const left: Line['points'][number][] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    left.push(part.reduce((highest, point) => (point[1] > highest[1] ? point : highest)));
  }
  return left;
}
