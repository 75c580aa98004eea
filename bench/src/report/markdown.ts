/** Tables and numbers as Markdown. */

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
}

export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ isNumber }) => (isNumber === true ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(escapeCell).join(' | ')} |`;
}

/** What would end a cell or begin markup in it. */
function escapeCell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[|<]/g, (sign) => `\\${sign}`);
}

/** A ratio with as many digits as say something: `0.0077x`, `0.87x`, `4.3x`, `21x`. */
export function ratioText(ratio: number): string {
  if (ratio < 0.1) return `${ratio.toPrecision(2)}x`;
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio >= 3 ? ratio.toFixed(1) : ratio.toFixed(2)}x`;
}

/** Nanoseconds in the unit that suits them. */
export function timeText(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(1)} us`;
  if (nanoseconds < 1e9) return `${(nanoseconds / 1e6).toFixed(1)} ms`;
  return `${(nanoseconds / 1e9).toFixed(2)} s`;
}
