/**
 * Whether an argument is a `Uint8Array`, a `Buffer` included, of whatever realm: test runners and
 * `node:vm` hand over arrays of another global object, which `instanceof` does not know.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && tagOf(value) === 'Uint8Array');
}

function tagOf(view: ArrayBufferView & { readonly [Symbol.toStringTag]?: string }): string | undefined {
  return view[Symbol.toStringTag];
}
