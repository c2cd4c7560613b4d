import type { Review, Server } from '@gatehouse/db/client';

import { isPermitted } from '../authz.ts';
import { type Actor, getActorId } from '../context.ts';

/** Whether something may be done, and the reason when not: shown before anyone tries, and what the refusal says. */
export type Permitted = { ok: true; reason: null } | { ok: false; reason: string };

const YES: Permitted = { ok: true, reason: null };
const deny = (reason: string): Permitted => ({ ok: false, reason });

/** Whether the actor may decide this review now. `newestDecided`: no newer review of the server was opened or decided since. */
export function mayDecide(actor: Actor, review: Pick<Review, 'state'>, again: { newestDecided: boolean }): Permitted {
  if (!isPermitted(actor, 'review.decide'))
    return deny('Your role does not decide reviews. A reviewer, an admin or an owner does.');
  switch (review.state) {
    case 'open':
      return YES;
    case 'decided':
      return again.newestDecided ? YES : deny('A newer review of this server takes the place of this one.');
    case 'superseded':
      return deny('A newer revision was found, so a newer review takes the place of this one.');
    case 'expired':
      return deny('This review has expired. Look at the server again to open a new one.');
  }
}

/** Author is not approver: whoever added the server or asked for the review does not approve its destructive tools. */
export function mayApproveDestructive(
  actor: Actor,
  review: Pick<Review, 'requestedBy'>,
  server: Pick<Server, 'createdBy'>,
): Permitted {
  if (server.createdBy === getActorId(actor))
    return deny('You added this server, so someone else must approve its destructive tools.');
  if (review.requestedBy === getActorId(actor))
    return deny('You asked for this review, so someone else must approve its destructive tools.');
  return YES;
}
