import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { getNextStatusChange, listNeedsOfAgents } from './agent-needs.ts';
import { listEndingKeys, listEndingTokens, listFailingJobs } from './ending-needs.ts';
import { listFailedMails } from './mail-needs.ts';
import { gatherNeeds, groupNeeds, type Needs } from './needs.ts';
import { listOffTools } from './off-tools.ts';
import { listAccessRequestNeeds, listBereftNeeds, listOwnedReviewNeeds, listOwnerlessNeeds } from './owner-needs.ts';
import { listUnservedProfiles } from './profile-needs.ts';
import { listOwnedPublishNeeds, listPublishRequestNeeds, listPublishWaits } from './publish-needs.ts';
import { listReviewNeeds } from './review-needs.ts';
import { listFailedDiscoveries, listFailingServers } from './server-needs.ts';

/** What is told by the clock alone is asked for again at least this often, milliseconds. */
const ASK_AGAIN_MS = 60_000;

export interface NeedsNow extends Needs {
  /** milliseconds until the clock alone may change the answer: then it is worth asking again */
  changesInMs: number;
}

/**
 * What needs a person now, told to the one who can do something about it; what waits for others is only counted. A few queries, each of
 * them over what is in trouble: the size of the workspace hardly counts, and of each kind at most `MOST_OF_KIND` are told.
 */
export async function listNeeds({ ctx }: { ctx: ServiceContext }): Promise<NeedsNow> {
  authorize(ctx, 'overview.read');
  const { tenantId, actor, runtime } = ctx;
  const at = { tenantId, now: runtime.now() };
  return read(ctx, async (tx) => {
    const groups = groupNeeds(await listNeedsOfAgents(tx, at));
    const reviews = await listReviewNeeds(tx, actor, at);
    for (const [kind, group] of reviews.groups) groups.set(kind, group);
    groups.set('profile_unserved', await listUnservedProfiles(tx, at));
    groups.set('publish_requested', await listPublishRequestNeeds(tx, at));
    groups.set('owned_publish', await listOwnedPublishNeeds(tx, actor, at));
    groups.set('publish_waits', await listPublishWaits(tx, actor, at));
    groups.set('access_requested', await listAccessRequestNeeds(tx, actor, at));
    groups.set('approvers_gone', await listBereftNeeds(tx, at));
    groups.set('owner_gone', await listOwnerlessNeeds(tx, at));
    groups.set('owned_review', await listOwnedReviewNeeds(tx, actor, at));
    groups.set('tool_off', await listOffTools(tx, at));
    groups.set('server_failing', await listFailingServers(tx, at));
    groups.set('discovery_failed', await listFailedDiscoveries(tx, at));
    groups.set('client_key_ending', await listEndingKeys(tx, actor, at));
    groups.set('join_token_ending', await listEndingTokens(tx, at));
    groups.set('mail_failed', await listFailedMails(tx, at));
    groups.set('job_failing', await listFailingJobs(tx, at));
    const changesInMs = Math.min(ASK_AGAIN_MS, (await getNextStatusChange(tx, at)) ?? ASK_AGAIN_MS);
    return { ...gatherNeeds(actor, groups, reviews.notTheirs), changesInMs };
  });
}
