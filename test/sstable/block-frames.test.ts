import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Block } from '../../src/sstable/block.ts';
import { decodeBlock } from '../../src/sstable/block-decoder.ts';
import { BlockFrames } from '../../src/sstable/block-frames.ts';
import { checkProperty } from '../support/property.ts';
import { type Entry, encodeBlock, text } from './support.ts';

const FILE = 7;

/** The entries of block number `at`, which fill a frame for blocks of 512 bytes by more than a half. */
function entriesOf(at: number): Entry[] {
  return Array.from({ length: 10 }, (_, i) => ({
    key: text(`block ${at}${'.'.repeat(at % 40)} key ${i}`),
    sequence: 1,
    value: text(`value ${at}`.padEnd(at % 3 === 0 ? 24 : 26)),
  }));
}

function blockAt(at: number): Block {
  const entries = entriesOf(at);
  // The last keys of some are missing.
  return decodeBlock(encodeBlock(entries.slice(0, at % 2 === 0 ? 8 : 10)), 'data', 'file', 0);
}

function keep(frames: BlockFrames, at: number): Block {
  const block = blockAt(at);
  assert.ok(frames.fits(block.bytes.length));
  frames.keep(block, FILE, at);
  return block;
}

/** Whether a frame shows block `at`, with everything that a search needs. */
function assertShows(frames: BlockFrames, frame: number, at: number): void {
  const shown = frames.show(frame, FILE, at);
  assert.ok(shown !== undefined);
  const expected = blockAt(at);
  assert.equal(shown.count, expected.count);
  for (const { key } of entriesOf(at)) {
    const index = shown.lowerBound(key, 0, key.length, 1);
    assert.equal(index, expected.lowerBound(key, 0, key.length, 1));
    if (index < shown.count) assert.ok(shown.keyEquals(index, key, 0, key.length));
  }
}

describe('BlockFrames', () => {
  it('takes blocks that fill more than half of a frame, and no longer ones', () => {
    const frames = new BlockFrames(512, 1 << 20);
    assert.deepEqual(
      [frames.frameBytes / 2, frames.frameBytes / 2 + 1, 512, 513].map((length) => frames.fits(length)),
      [false, true, true, false],
    );
  });

  it('uses the place of a chunk again that was given back', () => {
    const frames = new BlockFrames(512, 1 << 16);
    const kept = Array.from({ length: 4 * frames.chunkFrames }, (_, at) => keep(frames, at));
    const all = new Set(kept.map(({ frame }) => frame));
    // Two chunks are empty now, of which one is let go; the next blocks need both.
    for (const block of kept.slice(0, 2 * frames.chunkFrames)) frames.drop(block);
    const again = Array.from({ length: 2 * frames.chunkFrames }, (_, at) => keep(frames, at));
    for (const { frame } of again) assert.ok(all.has(frame), 'a frame that there was before');
    for (const [at, { frame }] of again.entries()) assertShows(frames, frame, at);
  });

  it('shows a block in its frame, and none in the place of another', () => {
    const frames = new BlockFrames(512, 1 << 20);
    const { frame } = keep(frames, 3);
    assertShows(frames, frame, 3);
    assert.equal(frames.show(frame, FILE, 4), undefined);
    assert.equal(frames.show(frame, FILE + 1, 3), undefined);
    assert.equal(frames.show(frame + 1, FILE, 3), undefined);
    assert.equal(frames.show(frame + 1_000_000, FILE, 3), undefined);
  });

  it('says once that a block was used', () => {
    const frames = new BlockFrames(512, 1 << 20);
    const block = keep(frames, 3);
    assert.equal(frames.takeUse(block), false);
    frames.show(block.frame, FILE, 3);
    frames.show(block.frame, FILE, 3);
    assert.deepEqual([frames.takeUse(block), frames.takeUse(block)], [true, false]);
  });

  it('keeps the frame of a block that was dropped until no cursor stands in it', () => {
    const frames = new BlockFrames(512, 1 << 20);
    const block = keep(frames, 3);
    const view = frames.show(block.frame, FILE, 3, frames.newView());
    assert.ok(view !== undefined);
    view.pin();
    block.pin();
    block.drop();
    assert.equal(frames.show(block.frame, FILE, 3), undefined);
    assert.notEqual(keep(frames, 4).frame, block.frame);
    block.unpin();
    assert.notEqual(keep(frames, 5).frame, block.frame);
    assert.ok(entriesOf(3).every(({ key }, index) => view.keyEquals(index, key, 0, key.length)));
    view.unpin();
    assert.equal(frames.show(block.frame, FILE, 3), undefined);
    assert.equal(keep(frames, 6).frame, block.frame);
    assertShows(frames, block.frame, 6);
  });

  it('gives back the frame of a block that cursors have left when it is dropped', () => {
    const frames = new BlockFrames(512, 1 << 20);
    const block = keep(frames, 3);
    for (const standing of [block, frames.show(block.frame, FILE, 3, frames.newView())]) standing?.pin();
    for (let i = 0; i < 2; i++) block.unpin();
    assertShows(frames, block.frame, 3);
    block.drop();
    assert.equal(keep(frames, 4).frame, block.frame);
  });

  it('shows a view its block whatever other views are shown', () => {
    const frames = new BlockFrames(512, 1 << 20);
    const [three, four] = [keep(frames, 3), keep(frames, 4)];
    const view = frames.show(three.frame, FILE, 3, frames.newView());
    assertShows(frames, four.frame, 4);
    assert.ok(entriesOf(3).every(({ key }, index) => view?.keyEquals(index, key, 0, key.length)));
  });

  it('shows what is kept and nothing else, in as little memory as it can', () => {
    const step = fc.record({ keep: fc.boolean(), at: fc.nat(60) });
    checkProperty(
      fc.property(fc.array(step, { maxLength: 150 }), fc.constantFrom(0, 16, 64), (steps, chunkKib) => {
        const frames = new BlockFrames(512, chunkKib * 1024);
        const kept = new Map<number, Block>();
        const seen = new Map<number, number>();
        let most = 0;
        for (const { keep: isKept, at } of steps) {
          const block = kept.get(at);
          if (isKept && block === undefined) {
            const fresh = keep(frames, at);
            kept.set(at, fresh);
            seen.set(at, fresh.frame);
          } else if (!isKept && block !== undefined) {
            kept.delete(at);
            block.drop();
          }
          most = Math.max(most, kept.size);
          for (const [place, frame] of seen) {
            if (kept.has(place)) assertShows(frames, frame, place);
            else assert.equal(frames.show(frame, FILE, place), undefined);
          }
        }
        for (const block of kept.values()) assert.ok(block.frame <= most + frames.chunkFrames);
      }),
    );
  });
});
