import { failOnLeaks } from '../../support/leaks.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

failOnLeaks();

exploreInTest('a repair keeps what is whole of a damaged database, and invents nothing', explorer);
