import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Cursor } from '../../src/cursor/cursor.ts';
import { MergingCursor, seekBefore } from '../../src/cursor/merging-cursor.ts';
import { checkProperty } from '../support/property.ts';
import { ArrayCursor, histories, keys, type Version } from './array-cursor.ts';

type Step =
  | { readonly to: 'next' | 'prev' | 'first' | 'last' }
  | { readonly key: Uint8Array; sequence: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom<Step>({ to: 'next' }, { to: 'prev' }) },
    { weight: 1, arbitrary: fc.constantFrom<Step>({ to: 'first' }, { to: 'last' }) },
    { weight: 1, arbitrary: fc.record({ key: keys, sequence: fc.nat(40) }) },
  ),
  { maxLength: 60 },
);

function step(
  cursor: Cursor,
  { to, key, sequence }: { to?: string; key?: Uint8Array; sequence?: number },
): void {
  if (key !== undefined) cursor.seek(key, 0, key.length, sequence ?? 0);
  else if (to === 'first') cursor.seekToFirst();
  else if (to === 'last') cursor.seekToLast();
  else if (!cursor.valid) return;
  else if (to === 'next') cursor.next();
  else cursor.prev();
}

function shown(cursor: Cursor): unknown {
  if (!cursor.valid) return undefined;
  return {
    key: cursor.key.slice(cursor.keyStart, cursor.keyStart + cursor.keyLength),
    sequence: cursor.sequence,
    kind: cursor.kind,
    value: cursor.value.slice(cursor.valueStart, cursor.valueStart + cursor.valueLength),
  };
}

test('a merge of any split walks as the whole does, in any direction', () => {
  checkProperty(
    fc.property(
      histories,
      fc.array(fc.nat(4), { minLength: 30, maxLength: 30 }),
      steps,
      (all, split, walk) => {
        const parts: Version[][] = [[], [], [], [], []];
        for (const [at, version] of all.entries()) parts[split[at]].push(version);
        const merged = new MergingCursor(parts.map((part) => new ArrayCursor(part)));
        const whole = new ArrayCursor(all);
        for (const move of walk) {
          step(merged, move);
          step(whole, move);
          assert.deepEqual(shown(merged), shown(whole));
        }
      },
    ),
    500,
  );
});

test('a merge that is told what all keys have in common walks as one that is not', () => {
  const prefixed = (prefix: Uint8Array, version: Version): Version => ({
    ...version,
    key: Uint8Array.from([...prefix, ...version.key]),
  });
  checkProperty(
    fc.property(
      histories,
      fc.array(fc.nat(4), { minLength: 30, maxLength: 30 }),
      fc.uint8Array({ minLength: 1, maxLength: 9 }),
      (all, split, prefix) => {
        const parts: Version[][] = [[], [], [], [], []];
        for (const [at, version] of all.entries()) parts[split[at]].push(prefixed(prefix, version));
        const merged = new MergingCursor(
          parts.map((part) => new ArrayCursor(part)),
          prefix.length,
        );
        const whole = new ArrayCursor(all.map((version) => prefixed(prefix, version)));
        merged.seekToFirst();
        for (whole.seekToFirst(); whole.valid; whole.next(), merged.next()) {
          assert.deepEqual(shown(merged), shown(whole));
        }
        assert.equal(merged.valid, false);
      },
    ),
  );
});

test('seekBefore stands on the last entry before a key, or on none', () => {
  checkProperty(
    fc.property(histories, keys, fc.nat(40), (all, key, sequence) => {
      const cursor = new ArrayCursor(all);
      seekBefore(cursor, key, 0, key.length, sequence);
      const probe = new ArrayCursor(all);
      probe.seek(key, 0, key.length, sequence);
      if (probe.valid) probe.prev();
      else probe.seekToLast();
      assert.deepEqual(shown(cursor), shown(probe));
    }),
  );
});

test('closing a merge closes every child', () => {
  const children = [new ArrayCursor([]), new ArrayCursor([])];
  const merged = new MergingCursor(children);
  merged.close();
  assert.ok(children.every(({ closed }) => closed));
  assert.equal(merged.valid, false);
});

test('a child that fails leaves the merge invalid and its error comes through', () => {
  class Failing extends ArrayCursor {
    override next(): void {
      throw new Error('read error');
    }
  }
  const all = [1, 2, 3].map((byte) => ({
    key: new Uint8Array([byte]),
    sequence: byte,
    kind: 1,
    value: new Uint8Array(0),
  }));
  const merged = new MergingCursor([new Failing(all), new ArrayCursor([])]);
  merged.seekToFirst();
  assert.throws(() => merged.next(), /read error/);
  assert.equal(merged.valid, false);
});
