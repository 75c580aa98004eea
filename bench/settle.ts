/**
 * Waits until a process rests: until its background threads have flushed and compacted what the last row
 * left behind, so that no row pays for the one before. Looking at the processor time works for any engine.
 */
const INTERVAL = 50;
const RESTING_SHARE = 0.1;
const RESTING_INTERVALS = 3;
/** A process that never rests is measured as it is. */
const MOST_INTERVALS = 6000;

export async function settle(): Promise<void> {
  let resting = 0;
  for (let interval = 0; interval < MOST_INTERVALS && resting < RESTING_INTERVALS; interval++) {
    const before = process.cpuUsage();
    const begin = performance.now();
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    const used = process.cpuUsage(before);
    const share = (used.user + used.system) / 1000 / (performance.now() - begin);
    resting = share < RESTING_SHARE ? resting + 1 : 0;
  }
}
