import { failOnLeaks } from '../../support/leaks.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

failOnLeaks();

exploreInTest('every list of operations has the same history under every configuration', explorer);
