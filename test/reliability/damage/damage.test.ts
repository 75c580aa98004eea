import { failOnLeaks } from '../../support/leaks.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

failOnLeaks();

exploreInTest('a damaged database answers as it did, or with an error that names the place', explorer);
