/**
 * Loads modules of ours a second time, with counters in those that are wanted. For `module.register`: it runs on
 * a thread of its own. What is imported with `?counted` passes that on to everything of ours that it imports, so
 * that a whole graph of modules stands beside the ordinary one.
 */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { COUNTED } from './contract.ts';
import { instrument } from './instrument.ts';

/** Where compiled code of ours stands. */
const OURS: string = new URL('../../../', import.meta.url).href;

export interface HookSettings {
  /** Which modules get counters: beginnings of their paths in the compiled tree, such as `src/log/`. */
  readonly counted: readonly string[];
}

let counted: readonly string[] = [];

export function initialize(settings: HookSettings): void {
  counted = settings.counted;
}

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await nextResolve(specifier, context);
  const isOurs = resolved.url.startsWith(OURS) && !resolved.url.endsWith(COUNTED);
  if (!isOurs || context.parentURL?.endsWith(COUNTED) !== true) return resolved;
  return { ...resolved, url: resolved.url + COUNTED };
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith(OURS) || !url.endsWith(COUNTED)) return nextLoad(url, context);
  const path = url.slice(OURS.length, -COUNTED.length);
  const code = await readFile(fileURLToPath(url.slice(0, -COUNTED.length)), 'utf8');
  const wanted = counted.some((beginning) => path.startsWith(beginning));
  const source = wanted ? instrument(code, path).code : code;
  return { format: 'module', source, shortCircuit: true };
};
