import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest('every mutant of the engine is killed by a test', explorer);
