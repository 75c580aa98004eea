/** A life of thirty steps or so, of everything that a database can be asked to do. */
import type { Random } from '../../support/random.ts';
import type { Write } from '../../support/writes.ts';
import type { Life } from './life.ts';

export async function liveAtRandom(life: Life, random: Random): Promise<void> {
  life.open();
  const steps = 8 + random.below(30);
  for (let i = 0; i < steps; i++) await stepAtRandom(life, random);
  life.giveRoomForTables(true);
}

async function stepAtRandom(life: Life, random: Random): Promise<void> {
  switch (random.below(18)) {
    case 0:
      return life.flush();
    case 1:
      return life.compact();
    case 2:
      return life.reopen();
    case 3:
      return life.sync();
    case 4:
      return life.checkpoint(`/copies/${life.done.length}`);
    case 5:
    case 6:
      return groupAtRandom(life, random);
    case 7:
      life.close();
      life.repair();
      return life.open();
    default:
      return life.write(writesAtRandom(life, random), random.oneIn(4));
  }
}

function groupAtRandom(life: Life, random: Random): Promise<void> {
  const meanwhile = [undefined, () => life.put('meanwhile', 20), () => life.sync(), () => life.flush()];
  const other = meanwhile[random.below(meanwhile.length)];
  if (other !== undefined) life.flush();
  const commits = Array.from({ length: 1 + random.below(4) }, () => ({
    writes: other === undefined ? writesAtRandom(life, random) : [['small', life.value(30)] as const],
    sync: random.oneIn(2),
  }));
  return life.group(commits, other);
}

function writesAtRandom(life: Life, random: Random): Write[] {
  const count = random.oneIn(3) ? 2 + random.below(4) : 1;
  return Array.from({ length: count }, (): Write => {
    const key = `key ${random.below(9)}`;
    if (random.oneIn(4)) return [key, undefined];
    return [key, life.value(random.oneIn(12) ? 1200 : 5 + random.below(200))];
  });
}
