import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest(
  'a full disk stops nobody from reading, and writing goes on when there is room again',
  explorer,
);
