import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest('of all that contend for a lock one holds it, always, and the dead never do', explorer);
