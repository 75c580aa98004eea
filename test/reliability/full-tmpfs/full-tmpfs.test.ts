import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest('a full disk damages nothing, and what it held up goes on when there is room', explorer);
