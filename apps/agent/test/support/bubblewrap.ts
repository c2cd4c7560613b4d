import { findBubblewrap } from '../../src/upstream/stdio/bubblewrap.ts';

/** Whether programs can be put into a sandbox here; `npm test` installs bubblewrap where it can. */
export const hasBubblewrap = 'program' in (await findBubblewrap(null));
