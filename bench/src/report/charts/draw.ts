/** Draws charts as SVG by echarts: the same bytes for the same chart, with no script and nothing from elsewhere. */
import { loadPackage } from '../../optional-package.ts';
import type { Chart } from './chart.ts';
import { darkStyle } from './theme.ts';

/** What is used of echarts. */
interface Echarts {
  init(
    element: null,
    theme: null,
    options: {
      readonly renderer: 'svg';
      readonly ssr: true;
      readonly width: number;
      readonly height: number;
    },
  ): EchartsInstance;
}

interface EchartsInstance {
  setOption(option: Readonly<Record<string, unknown>>): void;
  renderToSVGString(): string;
  /** Without it a timer keeps the process alive. */
  dispose(): void;
}

/** @throws Error that says what to install if echarts is not there. */
export function drawChart({ title, width, height, option }: Chart): string {
  const instance = loadPackage<Echarts>('echarts').init(null, null, {
    renderer: 'svg',
    ssr: true,
    width,
    height,
  });
  try {
    instance.setOption(option);
    return finish(instance.renderToSVGString(), title);
  } finally {
    instance.dispose();
  }
}

/** Takes out what differs from chart to chart of a process or serves only a page with scripts. */
function finish(svg: string, title: string): string {
  const plain = svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ class="zr\d+-[^"]*"/g, '')
    .replace(/ pointer-events="[^"]*"/g, '')
    .replace(/ ecmeta_[a-z_]+="[^"]*"/g, '')
    .replace(/\bzr\d+-/g, 'zr-')
    .replace(/<\/(?:path|rect)>/g, '')
    .replace(/(<(?:path|rect)\b[^>]*[^/])>/g, '$1/>');
  const head = `<title>${escapeText(title)}</title>\n${darkStyle()}\n`;
  return `${plain.replace(/^<svg ([^>]*)>\n?/, `<svg role="img" $1>\n${head}`).trimEnd()}\n`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
