/** Loads the targets, and the decoders with counters in them. */
import { register } from 'node:module';
import { COUNTED } from '../../support/instrument/contract.ts';
import { Counters } from '../../support/instrument/counters.ts';
import type { HookSettings } from '../../support/instrument/hooks.ts';
import type * as Counted from './counted.ts';

/** The decoders, and what tests the fuzzing. Everything else runs at its own speed. */
const DECODERS: readonly string[] = [
  'src/bytes/lz4-decoder',
  'src/cli/byte-text',
  'src/cli/records/',
  'src/fs/lock-claim',
  'src/fs/lock-file-name',
  'src/level/level-options',
  'src/leveldb/',
  'src/log/',
  'src/options',
  'src/sstable/',
  'src/version/',
  'src/wal/',
  'test/reliability/decoders/toys',
];

export interface Fuzzing {
  readonly counters: Counters;
  readonly Session: typeof Counted.Session;
  readonly targets: typeof Counted.TARGETS;
}

let loaded: Promise<Fuzzing> | undefined;

export function loadCounted(): Promise<Fuzzing> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Fuzzing> {
  const counters = new Counters().install();
  const settings: HookSettings = { counted: DECODERS, place: 'beside' };
  register('../../support/instrument/hooks.js', import.meta.url, { data: settings });
  const { Session, TARGETS: targets }: typeof Counted = await import(
    new URL(`counted.js${COUNTED}`, import.meta.url).href
  );
  return { counters, Session, targets };
}
