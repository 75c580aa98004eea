/** A chart before it is drawn: its size, and what echarts is told. */
import { COLOURS } from './theme.ts';

export interface Chart {
  /** What it shows, for those who cannot see it. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** As https://echarts.apache.org/en/option.html has it. */
  readonly option: Readonly<Record<string, unknown>>;
}

export const WIDTH = 860;

export const TEXT: Readonly<Record<string, unknown>> = {
  fontFamily: 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif',
  color: COLOURS.ink,
};

/** What all charts have in common. */
export function baseOption(engines: readonly string[], top: number): Readonly<Record<string, unknown>> {
  return {
    animation: false,
    backgroundColor: COLOURS.paper,
    textStyle: TEXT,
    legend: {
      top,
      left: 12,
      itemWidth: 12,
      itemHeight: 12,
      itemGap: 16,
      data: engines,
      textStyle: { color: COLOURS.ink, fontSize: 13 },
    },
  };
}

/** A heading at a place. */
export function heading(
  text: string,
  left: number,
  top: number,
  fontSize = 14,
): Readonly<Record<string, unknown>> {
  return { text, left, top, textStyle: { ...TEXT, fontSize, fontWeight: 600 } };
}

/** How an axis of numbers looks. */
export function axisStyle(name: string): Readonly<Record<string, unknown>> {
  return {
    name,
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: { color: COLOURS.faint, fontSize: 12 },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: COLOURS.faint, fontSize: 11 },
    splitLine: { lineStyle: { color: COLOURS.line } },
  };
}

/** The powers of ten around numbers, as the ends of a logarithmic axis; 1 to 10 for none. */
export function decades(numbers: readonly number[]): { readonly min: number; readonly max: number } {
  const positive = numbers.filter((number) => number > 0);
  if (positive.length === 0) return { min: 1, max: 10 };
  const min = 10 ** Math.floor(Math.log10(Math.min(...positive)));
  const max = 10 ** Math.ceil(Math.log10(Math.max(...positive)));
  return { min, max: max > min ? max : 10 * min };
}

/** Marks on axes: `2k`, `3M`. */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${trim(value / 1e6)}M`;
  if (value >= 1e3) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}
