import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest(
  'a system call that fails is surfaced or does no harm, and so is one that is the last',
  explorer,
);
