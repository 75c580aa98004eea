/** `mini-lsm load`: reads records from a file or a pipe and stores them in batches. */
import { type Command, Option } from 'commander';
import { LsmError } from '../../index.ts';
import { wholeNumber } from '../arguments.ts';
import { withDatabase } from '../database.ts';
import { EXIT_INTERRUPTED, Failure, usageFailure } from '../exit-codes.ts';
import { counted, humanBytes, humanCount, humanDuration } from '../human.ts';
import { openInput } from '../input.ts';
import { Interruption } from '../interruption.ts';
import { type LoadResult, loadRecords } from '../load-records.ts';
import { startProgress } from '../progress.ts';
import { FORMATS, type Format, formatOfName, readerOf } from '../records/formats.ts';
import { InputError } from '../records/source-record.ts';
import type { Shell } from '../shell.ts';

interface LoadOptions {
  readonly format?: Format;
  readonly key: string;
  readonly separator: string;
  readonly value?: string;
  readonly batch: number;
  readonly sync?: true;
  readonly skipBad?: true;
  readonly quotes: boolean;
  readonly progress?: boolean;
  readonly json?: true;
}

export function addLoad(program: Command, shell: Shell): void {
  program
    .command('load')
    .summary('store the records of a JSON, CSV or TSV file')
    .description(
      'Stores the records of a file or of standard input, which may be larger than memory. ' +
        'Ctrl-C ends it after the batch in hand; a second Ctrl-C at once.',
    )
    .argument('<dir>', 'directory of the database; created if there is none')
    .argument('[file]', 'file to read; without it, or with -, standard input')
    .addOption(
      new Option(
        '--format <format>',
        'jsonl: an object a line; json: an array of objects; csv and tsv: with a header line ' +
          '(default: by the name of the file)',
      ).choices(FORMATS),
    )
    .requiredOption('--key <columns>', 'the column whose text is the key; or several, separated by commas')
    .option('--separator <text>', 'what stands between the columns in the key', '/')
    .option('--value <column>', 'the column that is the value (default: the whole record as JSON)')
    .option('--batch <n>', 'records in one atomic write', wholeNumber(1), 1000)
    .option('--sync', 'make every batch survive a power cut before the next one')
    .option('--skip-bad', 'count records that cannot be stored and go on, instead of ending')
    .option('--no-quotes', 'in csv and tsv a quote is a character like any other')
    .option('--progress', 'show the progress even if standard error is no terminal')
    .option('--json', 'print the summary as JSON')
    .action((directory: string, file: string | undefined, options: LoadOptions) =>
      load(shell, directory, file ?? '-', options),
    );
}

async function load(shell: Shell, directory: string, file: string, options: LoadOptions): Promise<void> {
  const format = options.format ?? formatOfName(file);
  if (format === undefined) throw usageFailure(`say with --format what ${file} holds: ${FORMATS.join(', ')}`);
  const started = performance.now();
  const input = await openInput(file, shell.stdin);
  const interruption = new Interruption();
  const progress = startProgress({
    stream: shell.stderr,
    label: 'load',
    unit: 'bytes',
    total: input.totalBytes,
    force: options.progress === true,
  });
  let result: LoadResult;
  try {
    result = await withDatabase(directory, {}, (db) =>
      loadRecords(db, input, readerOf(format, options.quotes), {
        rule: {
          keyColumns: options.key.split(','),
          separator: options.separator,
          valueColumn: options.value,
        },
        batchRecords: options.batch,
        sync: options.sync === true,
        skipBad: options.skipBad === true,
        interruption,
        onProgress: (records) => progress.update(input.bytesRead, records),
      }),
    );
  } finally {
    progress.stop();
    interruption.dispose();
    input.close();
  }
  const milliseconds = performance.now() - started;
  report(shell, options, result, input.bytesRead, milliseconds);
  end(shell, result, file);
}

function report(
  shell: Shell,
  options: LoadOptions,
  result: LoadResult,
  bytes: number,
  milliseconds: number,
): void {
  const { records, skipped } = result;
  const seconds = milliseconds / 1000;
  const recordsPerSecond = Math.round(records / seconds);
  if (options.json) {
    const end = typeof result.end === 'string' ? result.end : 'failed';
    shell.out.line(JSON.stringify({ records, skipped, bytes, seconds, recordsPerSecond, end }));
  } else if (result.end === 'complete') {
    shell.out.line(
      `${counted(records, 'record')} from ${humanBytes(bytes)} in ${humanDuration(milliseconds)}, ` +
        `${humanCount(recordsPerSecond)} records/s${skipped > 0 ? `; ${humanCount(skipped)} skipped` : ''}`,
    );
  }
}

/** Ends the command as the load ended, and says what is in the database in any case. */
function end(shell: Shell, result: LoadResult, file: string): void {
  const stored = `${counted(result.records, 'record')} ${result.records === 1 ? 'is' : 'are'} in the database`;
  if (result.firstSkipped !== undefined) shell.notice(`first record skipped: ${result.firstSkipped}`);
  if (result.end === 'interrupted') throw new Failure(EXIT_INTERRUPTED, `interrupted; ${stored}`);
  if (result.end instanceof LsmError) {
    shell.notice(stored);
    throw result.end;
  }
  if (result.end instanceof InputError) {
    const name = file === '-' ? 'standard input' : file;
    throw usageFailure(
      `${name}, ${result.end.message}; the records before it were stored: ${stored}`,
      result.end,
    );
  }
}
