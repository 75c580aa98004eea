import { failOnLeaks } from '../../support/leaks.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

failOnLeaks();

exploreInTest(
  'a crash at any operation loses nothing that was promised, and leaves nothing by halves',
  explorer,
);
