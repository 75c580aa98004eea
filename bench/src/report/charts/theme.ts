/**
 * The colours of the charts, for light pages and dark ones. A chart is drawn in the light ones; a style sheet in
 * it names the dark one for each, so that a picture follows the page's reader, and what knows no style sheets
 * shows it in light. Engines keep their colour through all charts.
 */
interface Tone {
  readonly light: string;
  readonly dark: string;
}

const PAPER: Tone = { light: '#fffffe', dark: '#0d1117' };
const INK: Tone = { light: '#1f2328', dark: '#e6edf3' };
const FAINT: Tone = { light: '#59636e', dark: '#9198a1' };
const LINE: Tone = { light: '#dde2e7', dark: '#2f353d' };

/** The first is that of mini-lsm; they differ in lightness too, for those who cannot tell the hues. */
const ENGINES: readonly (Tone & { readonly engine: string })[] = [
  { engine: 'mini-lsm', light: '#cf3d0f', dark: '#ff8a5c' },
  { engine: 'mini-level', light: '#e89b00', dark: '#ffc44d' },
  { engine: 'classic-level', light: '#1f6feb', dark: '#6cb0ff' },
  { engine: 'lmdb', light: '#1a7f4b', dark: '#4ccb85' },
  { engine: 'better-sqlite3', light: '#8250df', dark: '#c297ff' },
  { engine: 'rocksdb', light: '#0b8693', dark: '#45c7d3' },
  { engine: 'memory-level', light: '#9a6700', dark: '#d9a94a' },
  { engine: 'sorted-map', light: '#7d8590', dark: '#aeb6bf' },
];

/** Engines that have none of their own share these, by their place. */
const OTHERS: readonly Tone[] = [
  { light: '#bf3989', dark: '#ff80c8' },
  { light: '#4d5d2f', dark: '#b5c98a' },
  { light: '#56423a', dark: '#c9b0a5' },
];

export const COLOURS: {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
} = {
  paper: PAPER.light,
  ink: INK.light,
  faint: FAINT.light,
  line: LINE.light,
};

/** The colour of an engine among those of its chart. */
export function colourOf(engine: string, engines: readonly string[]): string {
  const own = ENGINES.find((known) => engine === known.engine);
  if (own !== undefined) return own.light;
  const others = engines.filter((name) => !ENGINES.some((known) => name === known.engine));
  return OTHERS[Math.max(0, others.indexOf(engine)) % OTHERS.length].light;
}

/** The style sheet that makes a chart dark for readers who want that. */
export function darkStyle(): string {
  const rules = [PAPER, INK, FAINT, LINE, ...ENGINES, ...OTHERS].map(
    ({ light, dark }) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  );
  return `<style>@media(prefers-color-scheme:dark){${rules.join('')}}</style>`;
}
