/**
 * Checks the package as a user gets it: packs it, looks at what is in it, installs the tarball in empty projects,
 * and uses it there by `import`, by `require`, by its command, from TypeScript, and in the place of classic-level
 * under `level`. Needs a build. Prints what it did; exits non-zero on the first thing wrong.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkContents } from './package/contents.mjs';

const repository = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(tmpdir(), 'mini-lsm-package-'));
try {
  const tarball = pack();
  const user = project('user', {
    dependencies: { 'mini-lsm': `file:${tarball}` },
    // abstract-level's declarations speak of Node's.
    devDependencies: { '@types/node': '^20' },
  });
  useInstalled(user);
  compileInstalled(user);
  useInPlaceOfClassicLevel(tarball);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function pack() {
  const output = run(repository, 'npm', 'pack', '--json', '--pack-destination', directory);
  const [{ filename, files, size, unpackedSize }] = JSON.parse(output);
  const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  checkContents(
    files.map(({ path }) => path),
    manifest,
  );
  console.log(`packed ${files.length} files, ${kib(size)}, unpacked ${kib(unpackedSize)}`);
  return join(directory, filename);
}

function useInstalled(user) {
  for (const file of ['use.mjs', 'use.cjs']) {
    copyFileSync(fixture(file), join(user, file));
    run(user, process.execPath, file);
    console.log(`${file} works`);
  }
  const version = run(user, 'npx', '--no-install', 'mini-lsm', '--version').trim();
  console.log(`the command mini-lsm ${version} works`);
}

/** As an ES module and as CommonJS, with the two ways in which programs resolve packages today. */
function compileInstalled(user) {
  copyFileSync(fixture('typed.ts'), join(user, 'typed.mts'));
  copyFileSync(fixture('typed.ts'), join(user, 'typed.cts'));
  compile(user, 'nodenext', ['typed.mts', 'typed.cts']);
  compile(user, 'bundler', ['typed.mts', 'typed.cts']);
}

function compile(user, moduleResolution, files) {
  const compilerOptions = {
    module: moduleResolution === 'bundler' ? 'preserve' : moduleResolution,
    moduleResolution,
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable', 'dom'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    // The declarations of the package are to be right by themselves.
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  run(user, process.execPath, join(repository, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json');
  console.log(`compiled ${files.join(' and ')} with moduleResolution ${moduleResolution}`);
}

/** What the README tells users of `level` to write in their package.json, with the tarball instead of the registry. */
function useInPlaceOfClassicLevel(tarball) {
  const user = project('switched', {
    dependencies: { level: '^10' },
    overrides: { 'classic-level': `file:${tarball}` },
    devDependencies: { '@types/node': '^20' },
  });
  copyFileSync(fixture('switched.cjs'), join(user, 'switched.cjs'));
  run(user, process.execPath, 'switched.cjs');
  copyFileSync(fixture('switched.ts'), join(user, 'switched.ts'));
  compile(user, 'nodenext', ['switched.ts']);
  console.log('level works on it, and nothing native is installed');
}

/** A directory with that package.json, and what it asks for installed. */
function project(name, manifest) {
  const path = join(directory, name);
  mkdirSync(path);
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, private: true, ...manifest }));
  run(path, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent');
  const { packages } = JSON.parse(readFileSync(join(path, 'package-lock.json'), 'utf8'));
  const scripted = Object.keys(packages).filter((name) => packages[name].hasInstallScript);
  if (scripted.length > 0) throw new Error(`installing would run scripts of ${scripted.join(', ')}`);
  return path;
}

function run(cwd, command, ...args) {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed\n${stdout}`, { cause: error });
}

function fixture(name) {
  return join(import.meta.dirname, 'package', name);
}

function kib(bytes) {
  return `${Math.round(bytes / 1024)} KiB`;
}
