/** Zstandard (RFC 8878) in native code: the face of what some runtimes have. */
export interface Zstd {
  /** One frame that holds these bytes. */
  compress(bytes: Uint8Array): Uint8Array;
  /** What a frame holds; undefined if it is none, or holds more than `most` bytes, which are not made then. */
  decompress(frame: Uint8Array, most: number): Uint8Array | undefined;
}
