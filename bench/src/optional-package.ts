/**
 * Packages of bench/package.json, which the project itself does not install. They are asked for when they are
 * needed and by their names alone, so that everything builds, and what needs none of them runs, without them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of bench/package.json, from wherever this module was compiled to. */
export const BENCH_DIRECTORY: string = join(projectDirectory(), 'bench');

const require: NodeJS.Require = createRequire(join(BENCH_DIRECTORY, 'package.json'));

/** Whether the package is installed. */
export function hasPackage(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Loads a package.
 * @throws Error that says what to install.
 */
export function loadPackage<Module>(name: string): Module {
  if (!hasPackage(name)) throw new Error(`${name} is not installed: run npm install --prefix bench`);
  return require(name);
}

/** The version of a package, of this folder or of the project; null if it is not installed. */
export function packageVersion(name: string): string | null {
  for (const folder of [BENCH_DIRECTORY, dirname(BENCH_DIRECTORY)]) {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).version;
  }
  return null;
}

/** The folder above that has bench/ in it with a manifest, whether this module was compiled or not. */
function projectDirectory(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'bench', 'package.json'))) at = dirname(at);
  return at;
}
