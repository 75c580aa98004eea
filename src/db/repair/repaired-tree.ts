/** What the two ways of repairing share: what they are given and what they come to. */

import type { JobEnvironment } from '../../compaction/job.ts';
import { corruption } from '../../errors.ts';
import { fileBytes } from '../../fs/file-system.ts';
import { LOG_HEADER_BYTES } from '../../log/log-format.ts';
import { readLogIdentity } from '../../log/log-salvager.ts';
import type { ResolvedOptions } from '../../options.ts';
import { isDamage } from '../../sstable/table-salvager.ts';
import type { Version } from '../../version/version.ts';
import type { Problems } from './problems.ts';
import { type LogToReplay, type SalvagedLogs, salvageLogs } from './salvaged-logs.ts';

export interface RepairContext {
  readonly environment: JobEnvironment;
  readonly options: ResolvedOptions;
  readonly problems: Problems;
  /** To be told of the bytes of every file that was read. */
  readonly onRead: (bytes: number) => void;
}

/** A tree whose files are durable and which nothing names yet. */
export interface RepairedTree {
  readonly version: Version;
  readonly lastSequence: number;
  readonly nextEpoch: number;
  /** Names of the files that could not be used, whole or in part. */
  readonly unusable: readonly string[];
  readonly tablesKept: number;
  readonly tablesRewritten: number;
  readonly logsReplayed: number;
  readonly entriesReplayed: number;
}

/** A log with its name in the directory. */
export interface NamedLog extends LogToReplay {
  readonly name: string;
}

/** Replays logs into tables; the names of those that are not whole go to `unusable`. */
export function replayLogs(
  { environment, options, problems, onRead }: RepairContext,
  logs: readonly NamedLog[],
  lastSequence: number,
  unusable: string[],
): SalvagedLogs {
  const { fs } = environment;
  for (const { name, path } of logs) if (!checkHeader(environment, path, problems)) unusable.push(name);
  const names = new Map(logs.map((log) => [log.path, log.name]));
  let known = problems.count;
  return salvageLogs(environment, logs, lastSequence, options, problems, ({ path }) => {
    const name = names.get(path) as string;
    if (problems.count > known && !unusable.includes(name)) unusable.push(name);
    known = problems.count;
    onRead(fileBytes(fs, path));
  });
}

/** Whether the header of a log is whole. Its records are read either way: they say themselves where they belong. */
function checkHeader({ fs }: JobEnvironment, path: string, problems: Problems): boolean {
  try {
    if (readLogIdentity(fs, path) !== undefined) return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    problems.add(error);
    return false;
  }
  const bytes = fileBytes(fs, path);
  problems.add(corruption(path, Math.min(bytes, LOG_HEADER_BYTES), 'its header is not whole'));
  return false;
}
