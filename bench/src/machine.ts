/** What a result says of the machine it was measured on: enough to judge it, and nothing that names it. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Machine } from './result.ts';

export function thisMachine(): Machine {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}
