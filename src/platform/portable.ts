/** The face of `node.ts` on nothing but web standards: browsers and anything else that runs ES2022. */

import type { Zstd } from './zstd.ts';

export const nativeZstd: Zstd | null = null;

/** Only runtimes with `node:` modules find packages by name. */
export const loadPackage = (name: string): unknown => {
  throw new Error(`this runtime does not load ${name}`);
};

export const nativeCrc32: ((bytes: Uint8Array, seed: number) => number) | undefined = undefined;

export interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
}

/** There is nothing to listen with. */
export function channel(_name: string): Channel {
  return { hasSubscribers: false, publish: () => {} };
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function monotonicMilliseconds(): number {
  return performance.now();
}

export function allocateUninitialised(length: number): Uint8Array {
  return new Uint8Array(length);
}

export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** The web has no such mark: a caller there must not transfer the buffers of values. */
export function forbidTransfer(_buffer: ArrayBufferLike): void {}

export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  return encoder.encodeInto(text, into.subarray(at)).written;
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function decodeUtf8Range(bytes: Uint8Array, start: number, length: number): string {
  // A copy, since browsers refuse to decode shared memory.
  return decoder.decode(bytes.slice(start, start + length));
}
