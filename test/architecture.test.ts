/**
 * The rules of the house (docs/architecture.md) that can be read off the sources: the order of the floors, no
 * cycles, what may touch the runtime, and that every alias has both of its halves.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * From the ground up: a folder imports from itself and from what stands before it. `options.ts` stands on `fs`
 * because one option is a file system. `index.ts` is the public face: nothing but the command stands on it,
 * and the command stands on nothing else.
 */
const FLOORS: readonly string[] = [
  'platform',
  'bytes',
  'errors.ts',
  'fs',
  'options.ts',
  'keys',
  'cursor',
  'log',
  'wal',
  'memtable',
  'cache',
  'sstable',
  'version',
  'compaction',
  'background',
  'db',
  'leveldb',
  'level',
  'inspect',
  'index.ts',
  'cli',
];

/** What leads to the whole engine and to nothing else. */
const ENGINE = 'db/mini-lsm.ts';

/** What the library may load beyond the engine. */
const LIBRARY_PACKAGES = ['abstract-level', 'snappyjs'] as const;

/** Folders with files for one runtime: only those may import `node:` modules. */
const NODE_FLOORS: readonly string[] = ['platform', 'fs', 'background', 'cli'];

const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));
const SOURCES = join(ROOT, 'src');

interface Manifest {
  readonly imports: Readonly<Record<string, { readonly node: string; readonly default: string }>>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

interface Source {
  /** Below src/, such as `db/core.ts`. */
  readonly name: string;
  readonly floor: string;
  /** Without comments. */
  readonly code: string;
  /** As they are written. */
  readonly imports: readonly string[];
}

const sources: ReadonlyMap<string, Source> = new Map(
  readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => [name, readSource(name)]),
);

function findRoot(from: string): string {
  let at = from;
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return at;
}

function readSource(name: string): Source {
  const code = withoutComments(readFileSync(join(SOURCES, name), 'utf8'));
  const imports = [
    ...code.matchAll(/\b(?:import|export)\b[^;'"`]*?\bfrom\s*'([^']+)'/g),
    ...code.matchAll(/\bimport(?:\s+|\s*\(\s*)'([^']+)'/g),
    // A worker is started from a path.
    ...code.matchAll(/new URL\(\s*[`']([^`']+)[`'],\s*import\.meta\.url/g),
  ].map(([, specifier]) => specifier.replace(/\.?\$\{[^}]*\}$/, '.ts'));
  return { name, floor: name.split('/')[0], code, imports };
}

/** Good enough for sources that a formatter has seen: no comment signs within strings but after a colon. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

/** The source that an import leads to; undefined for a package or a module of the runtime. */
function target(from: Source, specifier: string, condition: 'node' | 'default'): Source | undefined {
  if (specifier.startsWith('#')) {
    const path = manifest.imports[specifier]?.[condition];
    assert.ok(path !== undefined, `${from.name}: package.json knows ${specifier}`);
    return sourceOf(path.replace('./dist/src/', '').replace(/\.js$/, '.ts'));
  }
  if (!specifier.startsWith('.')) return undefined;
  return sourceOf(relative(SOURCES, join(SOURCES, dirname(from.name), specifier)).replaceAll('\\', '/'));
}

function sourceOf(name: string): Source {
  const source = sources.get(name);
  assert.ok(source !== undefined, `src/${name} exists`);
  return source;
}

function targets(from: Source, condition: 'node' | 'default'): Source[] {
  return from.imports.flatMap((specifier) => target(from, specifier, condition) ?? []);
}

/** Every source that one leads to, itself included. */
function reachable(start: Source, condition: 'node' | 'default'): Set<Source> {
  const found = new Set([start]);
  for (const source of found) for (const next of targets(source, condition)) found.add(next);
  return found;
}

test('there are sources, and the imports in them are found', () => {
  assert.ok(sources.size > 80);
  const imports = [...sources.values()].flatMap((source) => targets(source, 'node'));
  assert.ok(imports.length > 300);
});

test('every source belongs to a floor', () => {
  for (const { name, floor } of sources.values()) assert.ok(FLOORS.includes(floor), `src/${name}`);
});

test('a floor imports only from itself and from those below it', () => {
  const wrong: string[] = [];
  for (const source of sources.values()) {
    for (const condition of ['node', 'default'] as const) {
      for (const { name, floor } of targets(source, condition)) {
        if (FLOORS.indexOf(floor) > FLOORS.indexOf(source.floor)) wrong.push(`${source.name} -> ${name}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('the command uses the public face alone', () => {
  const wrong: string[] = [];
  for (const source of sources.values()) {
    if (source.floor !== 'cli') continue;
    for (const { name, floor } of targets(source, 'node')) {
      if (floor !== 'cli' && floor !== 'index.ts') wrong.push(`${source.name} -> ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no file imports itself, by whatever detour, types included', () => {
  const cycles: string[] = [];
  const done = new Set<Source>();
  const walk = (source: Source, path: readonly Source[]): void => {
    const at = path.indexOf(source);
    if (at >= 0) cycles.push([...path.slice(at), source].map(({ name }) => name).join(' -> '));
    if (at >= 0 || done.has(source)) return;
    for (const next of targets(source, 'node')) walk(next, [...path, source]);
    done.add(source);
  };
  for (const source of sources.values()) walk(source, []);
  assert.deepEqual(cycles, []);
});

test('node: modules are imported only where a runtime is meant', () => {
  for (const { name, floor, imports } of sources.values()) {
    const ofNode = imports.filter((specifier) => specifier.startsWith('node:'));
    if (ofNode.length > 0) assert.ok(NODE_FLOORS.includes(floor), `src/${name} imports ${ofNode}`);
  }
  const inPlatform = [...sources.values()].filter(({ floor, imports }) => {
    return floor === 'platform' && imports.some((specifier) => specifier.startsWith('node:'));
  });
  assert.deepEqual(
    inPlatform.map(({ name }) => name),
    ['platform/node-zstd.ts', 'platform/node.ts'],
  );
});

test('where the runtime is not Node.js, the engine leads to no node: module and to no package', () => {
  for (const { name, imports } of reachable(sourceOf(ENGINE), 'default')) {
    const foreign = imports.filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('#'));
    assert.deepEqual(foreign, [], `src/${name}`);
  }
});

test('the engine has no dependency but Node.js, and the library none but those for other formats and faces', () => {
  for (const [start, allowed] of [
    [ENGINE, []],
    ['index.ts', LIBRARY_PACKAGES],
  ] as const) {
    for (const { name, imports } of reachable(sourceOf(start), 'node')) {
      const packages = imports.filter((specifier) => !/^(\.|#|node:)/.test(specifier));
      const foreign = packages.filter((specifier) => !allowed.some((known) => known === specifier));
      assert.deepEqual(foreign, [], `src/${name}, reached from ${start}`);
    }
  }
});

test('the engine has no clock of its own, no chance, no timer and no voice', () => {
  const banned =
    /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|console|process\.(stdout|stderr|exit|hrtime))\b/;
  for (const { name, floor, code } of sources.values()) {
    if (floor === 'cli' || floor === 'platform') continue;
    assert.equal(code.match(banned)?.[0], undefined, `src/${name}`);
  }
});

test('only what measures, or waits for Windows, looks at a clock', () => {
  const looking = [...sources.values()].filter(({ floor, code }) => {
    return (
      floor !== 'platform' && floor !== 'cli' && /\b(monotonicMilliseconds|performance\.now)\b/.test(code)
    );
  });
  assert.deepEqual(
    looking.map(({ name }) => name),
    ['db/back-pressure.ts', 'db/maintenance.ts', 'fs/node-file-system.ts'],
  );
});

test('raw Atomics are found in memtable/ and background/ only', () => {
  for (const { name, floor, code } of sources.values()) {
    if (!/\bAtomics\b/.test(code)) continue;
    assert.ok(floor === 'memtable' || floor === 'background', `src/${name}`);
  }
});

test('no source gives up its types: no any, no ignored error, no enum', () => {
  for (const { name, code } of sources.values()) {
    const found = code.match(
      /\bas any\b|: any\b|<any>|@ts-(ignore|expect-error|nocheck)|^\s*(export )?enum /m,
    );
    assert.equal(found?.[0], undefined, `src/${name}`);
  }
  for (const { name } of sources.values()) {
    const text = readFileSync(join(SOURCES, name), 'utf8');
    assert.doesNotMatch(text, /@ts-(ignore|expect-error|nocheck)/, `src/${name}`);
  }
});

test('only index.ts passes on what others export', () => {
  for (const { name, code } of sources.values()) {
    if (name === 'index.ts') continue;
    assert.doesNotMatch(code, /^export \* from/m, `src/${name}`);
  }
});

for (const [alias, { node, default: portable }] of Object.entries(manifest.imports)) {
  test(`${alias} leads to two modules with the same exports`, async () => {
    const load = async (path: string): Promise<string[]> => {
      const module: object = await import(pathToFileURL(join(ROOT, path)).href);
      return Object.keys(module).sort();
    };
    const [inNode, elsewhere] = [await load(node), await load(portable)];
    assert.notEqual(node, portable);
    assert.ok(inNode.length > 0);
    assert.deepEqual(elsewhere, inNode);
  });
}
