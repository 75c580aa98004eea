/** What the command reads: arguments as bytes, and records in four formats. */
import { formatLine, parseBytes } from '../../../../src/cli/byte-text.ts';
import { Failure } from '../../../../src/cli/exit-codes.ts';
import { delimitedReader } from '../../../../src/cli/records/delimited.ts';
import { JsonArraySplitter } from '../../../../src/cli/records/json-array.ts';
import { readJsonl } from '../../../../src/cli/records/jsonl.ts';
import { entryOf } from '../../../../src/cli/records/record-key.ts';
import { InputError, recordOfJson, type SourceRecord } from '../../../../src/cli/records/source-record.ts';
import type { Target } from '../target.ts';
import { latin1 } from './blocks.ts';
import { check, checkSameBytes } from './checks.ts';

const JSON_WORDS = [
  '{"',
  '":',
  '[',
  ']',
  ',',
  '}',
  '\\u0000',
  '\\"',
  'null',
  '1e999',
  '-0',
  '__proto__',
  '\n',
  '\u00a0',
];

function latinText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

const byteText: Target = {
  name: 'byte text',
  covers: ['src/cli/byte-text'],
  longest: 256,
  seeds: () => ['00ff7f', 'AAECAw==', 'QUJD', 'text\n\t\u0000'].map(latin1),
  words: ['==', '=', '+/'],
  refuses: (error) => error instanceof Failure && error.exitCode === 2,
  run(bytes) {
    const line = formatLine(bytes, 'text');
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      check(code > 0x1f && !(code > 0x7e && code < 0xa0), 'a line has no control characters');
    }
    for (const encoding of ['hex', 'base64'] as const) {
      checkSameBytes(parseBytes(formatLine(bytes, encoding), encoding, 'key'), bytes, `bytes as ${encoding}`);
    }
    const text = latinText(bytes);
    const isHex = bytes.length % 2 === 0 && !/[^0-9a-fA-F]/.test(text);
    const hex = bytes.length > 0 && !isHex ? undefined : parseBytes(text, 'hex', 'key');
    if (hex !== undefined)
      check(formatLine(hex, 'hex') === text.toLowerCase(), 'hex is printed as it was read');
    const base64 = parseBytes(text, 'base64', 'key');
    check(base64.length === Math.floor((text.replace(/=+$/, '').length * 3) / 4), 'base64 of that length');
  },
};

function refusesInput(error: unknown): boolean {
  return error instanceof InputError && error.line >= 1;
}

/** Splits a text that comes in pieces of `size` characters. */
function split(text: string, size: number): SourceRecord[] {
  const splitter = new JsonArraySplitter();
  const records: SourceRecord[] = [];
  for (let at = 0; at < text.length; at += size) records.push(...splitter.push(text.slice(at, at + size)));
  splitter.end();
  return records;
}

const jsonArray: Target = {
  name: 'json array',
  covers: ['src/cli/records/json-array', 'src/cli/records/source-record'],
  longest: 512,
  seeds: () =>
    [
      '[{"a":1,"b":[{"c":"}]"}]},{"a":"\\"\\\\"}]',
      ' [ ]\n',
      '[{"k":"x"} ,\n {"k" : 2.50 } ]',
      '[{},5,null,]',
    ].map(latin1),
  words: JSON_WORDS,
  refuses: refusesInput,
  run(bytes) {
    const text = latinText(bytes);
    let whole: unknown;
    try {
      whole = JSON.parse(text);
    } catch {
      // Then the splitter has something to refuse.
    }
    const records = split(text, 1 + (bytes.length % 7));
    check(
      JSON.stringify(records) === JSON.stringify(split(text, text.length || 1)),
      'pieces make no difference',
    );
    if (Array.isArray(whole)) {
      check(records.length === whole.length, 'as many records as elements');
      for (const [i, record] of records.entries()) {
        const element: unknown = whole[i];
        const isObject = typeof element === 'object' && element !== null && !Array.isArray(element);
        check((record.kind === 'record') === isObject, 'objects are records');
        if (record.kind !== 'record') continue;
        check(JSON.stringify(record.fields) === JSON.stringify(element), 'a record is its element');
        check(JSON.stringify(JSON.parse(record.json ?? '')) === JSON.stringify(element), 'so is its JSON');
      }
    } else {
      check(
        records.some(({ kind }) => kind === 'bad'),
        'what is no JSON array is not taken for one',
      );
    }
  },
};

const record: Target = {
  name: 'record key',
  covers: ['src/cli/records/record-key', 'src/cli/records/source-record'],
  longest: 256,
  seeds: () =>
    ['{"a":"x","b":12}', ' { "a" : true , "b" : -1.5e3 , "v":{"w":[1]}} ', '{"a":9007199254740993}'].map(
      latin1,
    ),
  words: [...JSON_WORDS, '"a":', '"b":', '"v":'],
  run(bytes) {
    const text = latinText(bytes);
    const parsed = recordOfJson(text, 3);
    for (const valueColumn of [undefined, 'v', '__proto__']) {
      const entry = entryOf(parsed, { keyColumns: ['a', 'b'], separator: ':', valueColumn });
      if (entry.kind === 'bad') {
        check(entry.line === 3 && entry.problem !== '', 'a bad record says why');
        continue;
      }
      check(entry.key !== '', 'a key is not empty');
      if (valueColumn !== undefined) continue;
      check(
        JSON.stringify(JSON.parse(entry.value)) === JSON.stringify(JSON.parse(text)),
        'the value is the record',
      );
    }
  },
};

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What a reader makes of bytes that come in pieces; the line that it cannot get past, if there is one. */
async function readAll(
  reader: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<SourceRecord>,
  bytes: Uint8Array,
  size: number,
): Promise<string> {
  const records: SourceRecord[] = [];
  try {
    for await (const one of reader(pieces(bytes, size))) records.push(one);
  } catch (error) {
    if (!refusesInput(error)) throw error;
    return `${JSON.stringify(records)} and no further`;
  }
  for (const { line } of records) check(Number.isSafeInteger(line) && line >= 1, 'a record has a line');
  return JSON.stringify(records);
}

const jsonl: Target = {
  name: 'json lines',
  covers: ['src/cli/records/jsonl', 'src/cli/records/source-record'],
  longest: 256,
  seeds: () => ['{"a":1}\n\n{"b":"\\n"}\n', '{"a":[]}', 'x\n{}\n\n'].map(latin1),
  words: JSON_WORDS,
  firstSession: 10_000,
  async run(bytes) {
    const whole = await readAll(readJsonl, bytes, bytes.length || 1);
    check((await readAll(readJsonl, bytes, 1 + (bytes.length % 5))) === whole, 'pieces make no difference');
  },
};

const delimited: Target = {
  name: 'delimited',
  covers: ['src/cli/records/delimited', 'src/cli/records/utf8-text'],
  longest: 160,
  seeds: () =>
    ['a,b\n1,2\n"x ""y"",\r\nz",3\n', 'a\tb\n1\t"2\n', 'k,k\n1,2\n', 'a,b\n1\n\n2,3,4\n5,6\n'].map(latin1),
  words: ['"', '""', ',', '\t', '\r\n', '\n', '__proto__', '\u00ef\u00bb\u00bf'],
  firstSession: 3000,
  async run(bytes) {
    const isTabs = bytes.length % 2 === 1;
    const reader = delimitedReader({ delimiter: isTabs ? '\t' : ',', quotes: bytes.length % 3 !== 0 });
    const whole = await readAll(reader, bytes, bytes.length || 1);
    // Where bytes that are not UTF-8 end the input, pieces decide how many records came before.
    const apart = await readAll(reader, bytes, 1 + (bytes.length % 5));
    check(whole === apart || whole.endsWith('no further'), 'pieces make no difference');
  },
};

export const COMMAND_TARGETS: readonly Target[] = [byteText, jsonArray, record, jsonl, delimited];
