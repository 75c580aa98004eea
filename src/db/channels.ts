/**
 * The channels on which a running database tells what `events.ts` describes. Apart from the descriptions, since
 * those are public and must not lead to what differs by runtime.
 */
import { type Channel, channel } from '#platform';

export const flushes: Channel = channel('mini-lsm:flush');
export const compactions: Channel = channel('mini-lsm:compaction');
export const stalls: Channel = channel('mini-lsm:stall');
export const failures: Channel = channel('mini-lsm:failure');
