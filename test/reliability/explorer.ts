/**
 * An explorer looks for one kind of failure, case by case. A seed makes a case and repeats it: low seeds may
 * walk through a list of cases, all later ones are random. `npm test` explores the first seeds, up to a
 * budget; `npm run test:long` as many as the long budget asks for; `npm run repro <explorer> <seed>` one.
 *
 * Each lives in a folder of this name, in `explorer.ts`, which exports it as `explorer`.
 */

/** What a case came to: how many of each unit it explored. */
export type Counts = Readonly<Record<string, number>>;

export interface Explorer {
  /** The name of its folder. */
  readonly name: string;
  /** What the budgets count, one of the names in the counts: `crash states`. */
  readonly unit: string;
  readonly budget: {
    /** How many in `npm test`. */
    readonly test: number;
    /** How many in `npm run test:long`. */
    readonly long: number;
  };
  /** Why it cannot explore on this machine, such as `needs strace`; nothing if it can. */
  readonly missing?: () => string | undefined;
  /**
   * Explores the case of a seed, a whole number from 0. Throws what it finds. The counts of several cases add
   * up.
   */
  explore(seed: number): Counts | Promise<Counts>;
}

/** A case in which an explorer found something. */
export class Finding extends Error {
  readonly explorer: string;
  readonly seed: number;

  constructor(explorer: string, seed: number, cause: unknown) {
    super(`repeat it with: npm run repro ${explorer} ${seed}`, { cause });
    this.name = 'Finding';
    this.explorer = explorer;
    this.seed = seed;
  }
}

/** Which cases are explored, and how far. */
export interface Expedition {
  /** The first seed. */
  readonly from: number;
  /** Every how many-th seed from there: several processes share the cases so. */
  readonly step: number;
  /** How many units are enough. */
  readonly units: number;
  /** Called after each case, with all counts so far. */
  readonly onCase?: (counts: Counts, seed: number) => void;
}

/**
 * Explores case after case until there are enough units, and returns all counts, `cases` among them.
 * @throws Finding at the first case that throws.
 */
export async function exploreMany(explorer: Explorer, expedition: Expedition): Promise<Counts> {
  const total: Record<string, number> = { cases: 0, [explorer.unit]: 0 };
  for (let seed = expedition.from; total[explorer.unit] < expedition.units; seed += expedition.step) {
    const counts = await exploreOne(explorer, seed);
    total.cases += 1;
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
    expedition.onCase?.(total, seed);
  }
  return total;
}

/** @throws Finding if the case throws. */
export async function exploreOne(explorer: Explorer, seed: number): Promise<Counts> {
  try {
    return await explorer.explore(seed);
  } catch (error) {
    throw new Finding(explorer.name, seed, error);
  }
}

/** The seed that a text means, a whole number from 0; undefined if it means none. */
export function seedOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(Number(text))
    ? Number(text)
    : undefined;
}

/** Counts as text: `1,110 cases, 50,012 crash states`. */
export function describeCounts(counts: Counts): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`)
    .join(', ');
}
