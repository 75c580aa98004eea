/**
 * Takes an ArrayBuffer away from everybody who has a view of it: each of them has length 0 from then on, and
 * reads nothing wherever it looks. That is what makes it safe to give back memory which is not JavaScript's own.
 */

interface Transferable {
  transfer?(length: number): ArrayBuffer;
}

/** Returns whether nobody can reach the bytes any more. */
export function detachBuffer(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength === 0) return true;
  const { transfer } = buffer as Transferable;
  if (transfer !== undefined) transfer.call(buffer, 0);
  else lendToByteStream(buffer);
  return buffer.byteLength === 0;
}

/**
 * For Node.js 20, which has no `transfer` yet and whose `structuredClone` copies memory that is not its own: a
 * byte stream takes away, by its specification, the buffer that it is asked to fill. This one never fills it.
 */
function lendToByteStream(buffer: ArrayBuffer): void {
  const reader = new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' });
  reader.read(new Uint8Array(buffer)).catch(() => {});
  reader.cancel().catch(() => {});
}
