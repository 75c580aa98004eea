/**
 * Progress bars on standard error. They show on a terminal; elsewhere only if they were asked for, and
 * then as lines that come now and then, so that a log stays readable.
 */
import type { WriteStream } from 'node:tty';
import { Presets, SingleBar } from 'cli-progress';
import { counted, humanBytes, humanCount } from './human.ts';

export interface ProgressOptions {
  readonly stream: WriteStream;
  readonly label: string;
  readonly unit: 'bytes' | 'records' | 'files' | 'cases';
  /** Undefined if nobody knows how much there is. */
  readonly total: number | undefined;
  /** Shows it even where there is no terminal. */
  readonly force?: boolean;
  /** Leaves nothing behind on the terminal when it stops. */
  readonly vanish?: boolean;
}

export interface Progress {
  /** `records` is shown beside a progress that counts bytes. */
  update(value: number, records?: number): void;
  /** Draws the last state and leaves the line. Idempotent. */
  stop(): void;
}

const LINE_EVERY_MILLISECONDS = 500;

export function startProgress(options: ProgressOptions): Progress {
  const { stream, label, total, unit } = options;
  if (!stream.isTTY && !options.force) return { update() {}, stop() {} };

  const amount = unit === 'bytes' ? humanBytes : humanCount;
  const bar = new SingleBar(
    {
      stream,
      format:
        total === undefined ? `${label} {done}{records}` : `${label} {bar} {percentage}% | {done}{records}`,
      noTTYOutput: options.force === true,
      notTTYSchedule: LINE_EVERY_MILLISECONDS,
      hideCursor: true,
      clearOnComplete: options.vanish === true,
      barsize: 30,
      // The commands handle Ctrl-C themselves.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  const describe = (value: number, records: number | undefined): { done: string; records: string } => ({
    done: total === undefined ? amount(value) : `${amount(value)} of ${amount(total)}`,
    records: records === undefined ? '' : ` | ${counted(records, 'record')}`,
  });
  bar.start(total ?? 0, 0, describe(0, unit === 'bytes' ? 0 : undefined));
  let running = true;
  return {
    update: (value, records) => bar.update(value, describe(value, records)),
    stop: () => {
      if (running) bar.stop();
      running = false;
    },
  };
}
