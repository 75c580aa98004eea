/**
 * What came of an operation. Usually only a hash of it is made; to show a difference the operations are
 * performed again and the answer is kept as text.
 */
import { toText } from '../../support/model.ts';
import { type Fingerprinted, fingerprint, mix } from './fingerprint.ts';

const NOTHING = 0x9e3779b9;

export class Answer {
  hash = 0;
  readonly #lines: string[] | undefined;

  constructor(how: 'as a hash' | 'as text' = 'as a hash') {
    this.#lines = how === 'as text' ? [] : undefined;
  }

  get text(): string {
    return this.#lines?.join('\n') ?? `hash ${this.hash}`;
  }

  reset(): void {
    this.hash = 0;
    if (this.#lines !== undefined) this.#lines.length = 0;
  }

  flag(flag: boolean): void {
    this.hash = mix(this.hash, flag ? 1 : 2);
    this.#lines?.push(String(flag));
  }

  bytes(bytes: Uint8Array | undefined): void {
    this.hash = mix(this.hash, bytes === undefined ? NOTHING : fingerprint(bytes));
    this.#lines?.push(toText(bytes));
  }

  /** The same for bytes whose fingerprint is known. */
  known(bytes: Fingerprinted | null): void {
    this.hash = mix(this.hash, bytes === null ? NOTHING : bytes.print);
    this.#lines?.push(toText(bytes?.bytes));
  }
}
