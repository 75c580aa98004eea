import { exploreInTest } from '../explore-in-test.ts';
import { explorer } from './explorer.ts';

exploreInTest('a power cut loses nothing that was synced, and leaves no hole', explorer);
