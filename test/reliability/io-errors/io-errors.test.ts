import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest('no error of the disk is swallowed, and none does more than it must', explorer);
