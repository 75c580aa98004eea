/** The branches of a module, where they stand in its source, and which of their ways were taken. */
import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { countedCode } from '../instrument/counted-code.ts';

/** One way of a branch: a side of an `if`, an operand of `||`, a `case`. */
export interface Way {
  /** Such as `src/log/log-reader.ts`. */
  readonly file: string;
  readonly line: number;
  /** The text of that line. */
  readonly code: string;
  /** What kind of branch it is, and which way: `if: else`. */
  readonly way: string;
  readonly taken: boolean;
}

const ROOT: URL = new URL('../../../../', import.meta.url);

/** Every way through the branches of the module at `path` of the compiled tree. */
export async function waysOf(path: string, counts: readonly number[]): Promise<Way[]> {
  const { places } = await countedCode(path);
  const { statementMap, fnMap, branchMap } = places;
  const map = new SourceMap(
    JSON.parse(await readFile(fileURLToPath(new URL(`dist/${path}.map`, ROOT)), 'utf8')),
  );
  const file = path.replace(/\.js$/, '.ts');
  const lines = (await readFile(fileURLToPath(new URL(file, ROOT)), 'utf8')).split('\n');
  let at = Object.keys(statementMap).length + Object.keys(fnMap).length;
  const ways: Way[] = [];
  for (const { type, loc, locations } of Object.values(branchMap)) {
    for (const [index, location] of locations.entries()) {
      // An `else` that was not written stands where its `if` does.
      const { line, column } = location.start?.line === undefined ? loc.start : location.start;
      const found = map.findEntry(line - 1, column);
      const original = 'originalLine' in found ? found.originalLine : 0;
      ways.push({
        file,
        line: original + 1,
        code: lines[original].trim(),
        way: nameOf(type, index),
        taken: (counts[at] ?? 0) > 0,
      });
      at++;
    }
  }
  return ways;
}

function nameOf(type: string, index: number): string {
  if (type === 'if') return index === 0 ? 'if: then' : 'if: else';
  if (type === 'cond-expr') return index === 0 ? '?: first' : '?: second';
  return `${type}: ${index + 1}`;
}
