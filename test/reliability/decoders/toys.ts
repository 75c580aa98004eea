/** Decoders with one fault each, which a session has to find: they test the fuzzing itself. */
import { corruption, LsmError } from '../../../src/errors.ts';
import { SECRET, type Target } from './target.ts';
import { latin1 } from './targets/blocks.ts';
import { check } from './targets/checks.ts';

/** `MLSM`, a length, and so many bytes. It stops at the first byte of the magic that is wrong. */
function decode(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x4d) throw corruption('/toy', 0, 'no magic');
  if (bytes[1] !== 0x4c) throw corruption('/toy', 1, 'no magic');
  if (bytes[2] !== 0x53) throw corruption('/toy', 2, 'no magic');
  if (bytes[3] !== 0x4d) throw corruption('/toy', 3, 'no magic');
  if (bytes[4] !== bytes.length - 5) throw corruption('/toy', 4, 'another length');
  return bytes.subarray(5);
}

function toy(name: string, run: (bytes: Uint8Array) => void): Target {
  return {
    name,
    covers: ['test/reliability/decoders/toys'],
    longest: 64,
    seeds: () => [latin1(`MLSM\u0006${SECRET}${SECRET}`)],
    run,
  };
}

/** Behind four bytes that blind chance would need four thousand million tries for: it starts from nothing. */
export const CRASHES: Target = {
  ...toy('crashes', (bytes) => {
    if (decode(bytes).length === 3) (undefined as unknown as Uint8Array).fill(0);
  }),
  seeds: () => [new Uint8Array(8)],
};

export const TURNS_FOR_EVER: Target = toy('turns for ever', (bytes) => {
  const content = decode(bytes);
  for (let at = 0; at < content.length; ) at += content[at] === 0 ? 0 : 1;
});

export const GREEDY: Target = toy('greedy', (bytes) => {
  const content = decode(bytes);
  if (content.length > 3) new Uint8Array(content[0] * 65_536);
});

export const SLOW: Target = toy('slow', (bytes) => {
  const content = decode(bytes);
  let sum = 0;
  for (let i = 0; i < content.length ** 4; i++) sum += i;
  check(sum >= 0, 'a sum');
});

export const TALKATIVE: Target = toy('talkative', (bytes) => {
  const content = decode(bytes);
  if (content.length > 3) throw corruption('/toy', 5, `unexpected ${String.fromCharCode(...content)}`);
});

export const WRONG: Target = toy('wrong', (bytes) => {
  const content = decode(bytes);
  check(content.length !== 7 || content[6] !== 255, 'seven is a number');
});

export const UNTYPED: Target = toy('untyped', (bytes) => {
  if (decode(bytes).length === 0) throw new LsmError('LSM_INTERNAL', 'should not happen');
});
