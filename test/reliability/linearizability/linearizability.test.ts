import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest('clients at the same time act as if one came after the other', explorer);
