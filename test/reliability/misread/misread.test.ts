import { failOnLeaks } from '../../support/leaks.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

failOnLeaks();

exploreInTest('a bit that is misread once is read again, and nobody notices', explorer);
