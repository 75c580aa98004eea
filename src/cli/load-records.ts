/**
 * The loop of `load`: records in, atomic batches out. Whatever ends it (the end of the input, a bad record,
 * Ctrl-C), but a failure of the database, every record read before that is stored first, so the count it returns is exactly what is in.
 */
import { LsmError, type MiniLsm, WriteBatch } from '../index.ts';
import type { Input } from './input.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { type EntryRule, entryOf } from './records/record-key.ts';
import { InputError, type RecordReader } from './records/source-record.ts';

export interface LoadSettings {
  readonly rule: EntryRule;
  readonly batchRecords: number;
  readonly sync: boolean;
  readonly skipBad: boolean;
  readonly interruption: Interruption;
  readonly onProgress: (records: number) => void;
}

export interface LoadResult {
  /** Records stored. */
  readonly records: number;
  /** Bad records passed over. */
  readonly skipped: number;
  /** Where and why the first of them was passed over. */
  readonly firstSkipped: string | undefined;
  /** An error of the input or of the database is here, and not thrown, so that the counts are not lost. */
  readonly end: 'complete' | 'interrupted' | InputError | LsmError;
}

/** Large records make smaller batches: this bounds the memory of one. */
const BATCH_BYTES = 4 * 1024 * 1024;

export async function loadRecords(
  db: MiniLsm,
  input: Input,
  read: RecordReader,
  settings: LoadSettings,
): Promise<LoadResult> {
  const { interruption } = settings;
  const batch = new WriteBatch();
  let records = 0;
  let skipped = 0;
  let firstSkipped: string | undefined;
  let end: LoadResult['end'] = 'complete';
  const store = (): void => {
    if (batch.count === 0) return;
    db.write(batch, { sync: settings.sync });
    records += batch.count;
    batch.clear();
    settings.onProgress(records);
  };

  // Wakes a load that waits for a silent pipe.
  interruption.signal.addEventListener('abort', () => input.abort(new Interrupted()), { once: true });
  try {
    for await (const record of read(chunksThenProgress(input, () => settings.onProgress(records)))) {
      const entry = entryOf(record, settings.rule);
      if (entry.kind === 'entry') {
        batch.put(entry.key, entry.value);
      } else if (settings.skipBad) {
        skipped++;
        firstSkipped ??= `line ${entry.line}: ${entry.problem}`;
      } else {
        throw new InputError(entry.line, entry.problem);
      }
      if (batch.count >= settings.batchRecords || batch.byteLength >= BATCH_BYTES) {
        store();
        await interruption.check();
      }
    }
  } catch (error) {
    if (error instanceof InputError || error instanceof LsmError) end = error;
    else if (error instanceof Interrupted) end = 'interrupted';
    else throw error;
  }
  try {
    if (!(end instanceof LsmError)) store();
  } catch (error) {
    if (!(error instanceof LsmError)) throw error;
    end = error;
  }
  return { records, skipped, firstSkipped, end };
}

/** The chunks; when the next one is asked for, the one before has been worked through. */
async function* chunksThenProgress(input: Input, progress: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of input.chunks()) {
    yield chunk;
    progress();
  }
}
