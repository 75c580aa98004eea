/**
 * Loads modules of ours with counters in them. For `module.register`: it runs on a thread of its own.
 *
 * Either the counters take the place of the ordinary code, to measure what tests reach. Or what is imported with
 * `?counted` passes that on to everything of ours that it imports, so that a second graph of modules stands
 * beside the ordinary one; its loops are stopped when they do not end.
 */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { COUNTED, STEP_LIMIT } from './contract.ts';
import { countedCode } from './counted-code.ts';

/** Where compiled code of ours stands. */
const OURS: string = new URL('../../../', import.meta.url).href;

export interface HookSettings {
  /** Which modules get counters: beginnings of their paths in the compiled tree, such as `src/log/`. */
  readonly counted: readonly string[];
  /** In place of the ordinary modules, or beside them. */
  readonly place: 'instead' | 'beside';
}

let settings: HookSettings = { counted: [], place: 'beside' };

export function initialize(given: HookSettings): void {
  settings = given;
}

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await nextResolve(specifier, context);
  const isOurs = resolved.url.startsWith(OURS) && !resolved.url.endsWith(COUNTED);
  if (!isOurs || context.parentURL?.endsWith(COUNTED) !== true) return resolved;
  return { ...resolved, url: resolved.url + COUNTED };
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith(OURS)) return nextLoad(url, context);
  const isBeside = url.endsWith(COUNTED);
  if (!isBeside && settings.place === 'beside') return nextLoad(url, context);
  const path = isBeside ? url.slice(OURS.length, -COUNTED.length) : url.slice(OURS.length);
  if (!settings.counted.some((beginning) => path.startsWith(beginning))) {
    if (!isBeside) return nextLoad(url, context);
    const source = await readFile(fileURLToPath(new URL(path, OURS)), 'utf8');
    return { format: 'module', source, shortCircuit: true };
  }
  const { code } = await countedCode(path);
  return { format: 'module', source: isBeside ? bounded(code) : code, shortCircuit: true };
};

/** Code that is stopped where it comes by one place too often. */
function bounded(code: string): string {
  return code.replace(/\bhits__\[\d+\]\+\+/g, `$& > ${STEP_LIMIT} && stop__()`);
}
