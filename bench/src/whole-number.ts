/** The number that a setting holds. @throws Error that names the setting. */
export function wholeNumber(name: string, text: string, least: number, most = 1e9): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new Error(`--${name} takes a whole number from ${least} to ${most}, not ${text}`);
  }
  return value;
}
