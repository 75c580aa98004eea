/**
 * Waits until a process rests: until its background threads have flushed and compacted what the last row
 * left behind, so that no row pays for the one before. Looking at the processor time works for any engine.
 */
const INTERVAL = 50;
const RESTING_SHARE = 0.1;
const RESTING_MILLISECONDS = 150;
/** A process that never rests is measured as it is. */
const MOST_INTERVALS = 6000;

/**
 * @param restingMilliseconds How long it has to rest. Where others keep the processors busy, background threads
 *   that wait for their turn look like rest for a moment.
 */
export async function settle(restingMilliseconds: number = RESTING_MILLISECONDS): Promise<void> {
  const restingIntervals = Math.ceil(restingMilliseconds / INTERVAL);
  let resting = 0;
  for (let interval = 0; interval < MOST_INTERVALS && resting < restingIntervals; interval++) {
    const before = process.cpuUsage();
    const begin = performance.now();
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    const used = process.cpuUsage(before);
    const share = (used.user + used.system) / 1000 / (performance.now() - begin);
    resting = share < RESTING_SHARE ? resting + 1 : 0;
  }
}
