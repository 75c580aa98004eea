/**
 * What Node.js, Bun and Deno offer beyond the language. `portable.ts` is the same face without `node:`
 * modules; the package's `imports` map picks one of them as `#platform`.
 */
import { Buffer } from 'node:buffer';
import { channel as nodeChannel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { markAsUntransferable } from 'node:worker_threads';
import { crc32 } from 'node:zlib';

export { nativeZstd } from './node-zstd.ts';

/** CRC-32 in native code, or undefined where the runtime has none. */
export const nativeCrc32: ((bytes: Uint8Array, seed: number) => number) | undefined = crc32;

/** A package that need not be installed; throws what `require` throws. */
export const loadPackage: (name: string) => unknown = createRequire(import.meta.url);

/** Where a program that wants to know what happens inside can listen: `node:diagnostics_channel`. */
export interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
}

/** The channel of that name. */
export function channel(name: string): Channel {
  return nodeChannel(name);
}

/** Resolves after the event loop has turned: what waits in it has had its chance. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves after at least so many milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Milliseconds of a clock that never runs backwards; its zero means nothing. */
export function monotonicMilliseconds(): number {
  return performance.now();
}

/** Bytes of arbitrary content: the caller fills every one before anybody sees them. */
export function allocateUninitialised(length: number): Uint8Array {
  const buffer = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, length);
}

/** Cryptographically random bytes. */
export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Keeps `postMessage` from taking this buffer away from its other readers: it is copied (Node 20) or refused. */
export function forbidTransfer(buffer: ArrayBufferLike): void {
  markAsUntransferable(buffer);
}

/** Writes a string as UTF-8 at `at`, where `3 * text.length` bytes are free; returns the bytes written. */
export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  return Buffer.prototype.utf8Write.call(into, text, at, into.length - at);
}

const encoder = new TextEncoder();

/** A string as UTF-8, in an array of its own. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The string that a range of UTF-8 holds; what is not UTF-8 becomes U+FFFD, a byte order mark stays. */
export function decodeUtf8Range(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.prototype.utf8Slice.call(bytes, start, start + length);
}
