import { failOnLeaks } from '../../support/leaks.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

failOnLeaks();

exploreInTest('a crash during the recovery from a crash changes nothing that is recovered', explorer);
