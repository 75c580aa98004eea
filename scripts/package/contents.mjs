/** What the package may hold: the compiled engine, the sources that its maps lead to, and what people read. */

/** Files at the top and documents. */
const READ = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/([a-z-]+\/)?[a-z-]+\.(md|svg))$/;
const SOURCE = /^src\/.+\.ts$/;
const COMPILED = /^dist\/(src\/.+)\.(js|js\.map|d\.ts|d\.ts\.map)$/;

/** Files without which the package would not work, or not explain itself. */
const NEEDED = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'docs/architecture.md',
  'docs/formats.md',
  'src/index.ts',
  'dist/src/index.js',
  'dist/src/index.d.ts',
  'dist/src/cli/main.js',
  'dist/src/background/worker-main.js',
];

/** npm runs these on the machine of whoever installs the package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];

/** @throws for a file that does not belong there, one that is missing, and a script that installing would run. */
export function checkContents(paths, manifest) {
  const all = new Set(paths);
  for (const path of all) {
    const source = COMPILED.exec(path)?.[1];
    if (source !== undefined) {
      // Left behind by an earlier build, when its source had another name.
      if (!all.has(`${source}.ts`)) throw new Error(`the package holds ${path}, which has no source`);
    } else if (SOURCE.test(path)) {
      const compiled = path.replace(/\.ts$/, '');
      for (const ending of ['js', 'js.map', 'd.ts', 'd.ts.map']) {
        if (!all.has(`dist/${compiled}.${ending}`)) throw new Error(`the package lacks ${ending} of ${path}`);
      }
    } else if (!READ.test(path)) {
      throw new Error(`the package holds ${path}, which does not belong there`);
    }
  }
  const missing = NEEDED.filter((path) => !all.has(path));
  if (missing.length > 0) throw new Error(`the package lacks ${missing.join(', ')}`);
  const scripts = INSTALL_SCRIPTS.filter((name) => manifest.scripts?.[name] !== undefined);
  if (scripts.length > 0) throw new Error(`installing the package would run ${scripts.join(', ')}`);
}
