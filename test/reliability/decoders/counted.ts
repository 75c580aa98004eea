/**
 * What has to be loaded with counters: import it by {@link loadCounted} alone. Everything of ours that it imports
 * is a second copy beside the ordinary one, so that a class here is not the class of that name elsewhere.
 */
export { Session } from './session.ts';
export { TARGETS } from './targets/all.ts';
