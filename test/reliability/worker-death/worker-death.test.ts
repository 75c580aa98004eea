import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest('a worker that dies at any point costs nothing but time', explorer);
