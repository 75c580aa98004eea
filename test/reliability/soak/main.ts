/** `npm run soak -- --minutes 60`: a soak for so long; exits with 1 if something was found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type SoakReport, soak } from './soak.ts';

interface Settings {
  readonly minutes: string;
  readonly seed: string;
  readonly directory: string;
  readonly json?: boolean;
}

const PROGRESS_EVERY_SECONDS = 10;

const program = new Command('soak')
  .option('--minutes <count>', 'how long', '60')
  .option('--seed <number>', 'repeats a course, as far as threads allow', '1')
  .option('--directory <path>', 'where to put the database', tmpdir())
  .option('--json', 'the report as a line of JSON');
program.parse();
const settings = program.opts<Settings>();
const limit = Number(settings.minutes) * 60;
if (!(limit > 0)) throw new Error('--minutes takes a number above 0');

const directory = mkdtempSync(join(settings.directory, 'mini-lsm-soak-'));
let told = 0;
const report = await soak({
  seed: Number(settings.seed),
  directory,
  goesOn: (_operations, seconds) => seconds < limit,
  onEpisode: (operations, { seconds, residentBytes, files }) => {
    if (seconds - told < PROGRESS_EVERY_SECONDS) return;
    told = seconds;
    const share = Math.floor((seconds / limit) * 100);
    console.error(`${share}%: ${operations} operations, ${mebibytes(residentBytes)} MiB, ${files} files`);
  },
});
// What was found is kept: an error has ended the program before this.
rmSync(directory, { recursive: true, force: true });
console.log(settings.json ? JSON.stringify(report) : render(report));
if (report.complaints.length > 0) process.exitCode = 1;

function render({ residentMemory: memory, descriptors, files, ...rest }: SoakReport): string {
  return [
    `${Math.round(rest.seconds)} s, ${rest.operations} operations in ${rest.episodes} episodes, ` +
      `${rest.crashes} crashes, ${rest.failedWrites} failed writes, ${rest.verified} times verified`,
    `resident memory: ${mebibytes(memory.first)} MiB, later ${mebibytes(memory.last)} MiB, at most ` +
      `${mebibytes(memory.most)} MiB, ${mebibytes(memory.slopePerHour)} MiB an hour`,
    `descriptors after closing: ${descriptors.first}, later ${descriptors.last}, at most ${descriptors.most}`,
    `files after closing: ${files.first}, later ${files.last}, at most ${files.most}`,
    ...(rest.complaints.length === 0 ? ['nothing found'] : rest.complaints),
  ].join('\n');
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
