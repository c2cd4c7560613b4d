import { afterAll, expect, test } from 'vitest';

import { stripWhere } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../src/client-key/create-client-key.ts';
import { listClientKeys } from '../src/client-key/list-client-keys.ts';
import { revokeClientKey } from '../src/client-key/revoke-client-key.ts';
import { getActorId, type ServiceContext } from '../src/context.ts';
import { expireDiscoveries } from '../src/discovery/expire-discoveries.ts';
import { listPendingDiscoveries } from '../src/discovery/list-pending-discoveries.ts';
import { startDiscovery } from '../src/discovery/start-discovery.ts';
import { getOverview } from '../src/overview/get-overview.ts';
import { consentPublish } from '../src/profile/consent/consent-publish.ts';
import { saveDraft } from '../src/profile/draft/save-draft.ts';
import { archiveProfile, restoreProfile } from '../src/profile/end/archive-profile.ts';
import { deleteProfile } from '../src/profile/end/delete-profile.ts';
import { getProfileEnd } from '../src/profile/end/get-profile-end.ts';
import { getProfile } from '../src/profile/get-profile.ts';
import { grantAccess } from '../src/profile/grant-access.ts';
import { getVersion } from '../src/profile/history/get-version.ts';
import { listVersions } from '../src/profile/history/list-versions.ts';
import { startDraft } from '../src/profile/history/start-draft.ts';
import { listEndpoints } from '../src/profile/list-endpoints.ts';
import { listProfiles } from '../src/profile/list-profiles.ts';
import { getRollout } from '../src/profile/publish/get-rollout.ts';
import { previewProfile } from '../src/profile/publish/preview-profile.ts';
import { publishProfile } from '../src/profile/publish/publish-profile.ts';
import { sendBackRequest } from '../src/profile/request/decide-request.ts';
import { getPublishRequest } from '../src/profile/request/get-publish-request.ts';
import { listPublishRequests } from '../src/profile/request/list-publish-requests.ts';
import { requestPublish } from '../src/profile/request/request-publish.ts';
import { revokeAccess } from '../src/profile/revoke-access.ts';
import { disableProfile } from '../src/profile/switch-profile.ts';
import { updateProfile } from '../src/profile/update-profile.ts';
import { getReceiptFilters } from '../src/receipt/get-receipt-filters.ts';
import { getReceipt } from '../src/receipt/get-receipt.ts';
import { ingestReceipts } from '../src/receipt/ingest-receipts.ts';
import { listReceipts } from '../src/receipt/list-receipts.ts';
import { decideReview } from '../src/review/decide-review.ts';
import { getReview } from '../src/review/get-review.ts';
import { listReviews } from '../src/review/list-reviews.ts';
import { getServer } from '../src/server/get-server.ts';
import { listServers } from '../src/server/list-servers.ts';
import { disableServer } from '../src/server/switch-server.ts';
import { addApprovedServer, type Beside, discover, type Domain, createDraftedProfile, makeDomain } from './support/domain.ts';
import { Spool } from './support/receipts.ts';
import { makeWorkspace, openWorld } from './support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

/** A tenant with a bit of everything, all of it named by `mark`. */
async function fillTenant(mark: string) {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, agentCtx, agent, workspace } = domain;
  const beside: Beside = {
    entries: [
      { kind: 'prompt', definition: { name: `${mark}_prompt` } },
      { kind: 'resource', definition: { uri: `${mark}://a`, name: 'a' } },
    ],
  };
  const server = await addApprovedServer(domain, [defineTool(`${mark}_tool`)], { name: `${mark} server` }, beside);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: `${mark}_tool` }], `${mark} profile`);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  const { name, revision } = (await getProfile({ ctx: admin, input: { profileId: profile.id } })).profile;
  const siteIds = [workspace.site.id];
  const edit = { profileId: profile.id, name, description: `${mark} words`, siteIds, revision };
  await updateProfile({ ctx: admin, input: edit });
  const request = await requestPublish({ ctx: admin, input: { profileId: profile.id } });
  const membershipId = getActorId(admin.actor);
  await grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId } });
  const key = await createClientKey({ ctx: admin, input: { profileId: profile.id, name: `${mark} key` } });
  const { openReviewId } = await discover(domain, server.id, [defineTool(`${mark}_tool`), defineTool(`${mark}_second`)], beside);
  const spool = new Spool(workspace.site.id);
  const receipt = spool.makeNext({ name: `${mark}_tool`, clientName: `${mark} client`, personId: membershipId });
  await ingestReceipts({ ctx: agentCtx, input: { spoolId: spool.spoolId, receipts: [receipt] } });
  await startDiscovery({ ctx: admin, input: { serverId: server.id, agentId: agent.id } });
  return {
    domain,
    serverId: server.id,
    profileId: profile.id,
    keyId: key.id,
    reviewId: openReviewId ?? '',
    receiptId: receipt.id,
    requestId: request.id,
  };
}

type Furnished = Awaited<ReturnType<typeof fillTenant>>;

/** Everything that a tenant can see of itself at one moment. */
async function readPicture(
  { domain, serverId, profileId, reviewId, receiptId, requestId }: Furnished,
  at: Date,
): Promise<string> {
  const runtime = { ...world.runtime, now: () => at };
  const ctx = { ...domain.admin, runtime };
  const agentCtx = { ...domain.agentCtx, runtime };
  return JSON.stringify([
    await listServers({ ctx }),
    await getServer({ ctx, input: { serverId } }),
    await listReviews({ ctx, input: {} }),
    await getReview({ ctx, input: { reviewId } }),
    await listProfiles({ ctx }),
    await getProfile({ ctx, input: { profileId } }),
    await listEndpoints({ ctx, input: { profileId } }),
    await previewProfile({ ctx, input: { profileId } }),
    await getRollout({ ctx, input: { profileId } }),
    await listVersions({ ctx, input: { profileId } }),
    await getVersion({ ctx, input: { profileId, version: 1 } }),
    await listPublishRequests({ ctx }),
    await getPublishRequest({ ctx, input: { requestId } }),
    await listClientKeys({ ctx, input: {} }),
    await listReceipts({ ctx, input: {} }),
    await getReceipt({ ctx, input: { id: receiptId } }),
    await getReceiptFilters({ ctx }),
    await getOverview({ ctx }),
    (await listPendingDiscoveries({ ctx: agentCtx })).map(({ discoveryId }) => discoveryId),
  ]);
}

test('T-30: with every condition forgotten, a tenant still sees and changes nothing of another', async () => {
  const victim = await fillTenant('victim');
  const attacker = await fillTenant('attacker');
  const at = world.runtime.now();
  const before = await readPicture(victim, at);
  expect(before).toContain('victim_tool');
  expect(before).toContain('victim_prompt');

  const careless = { ...world.runtime, db: stripWhere(world.runtime.db) };
  const as = (ctx: ServiceContext): ServiceContext => ({ ...ctx, runtime: careless });
  const seen: string[] = [];
  for (const target of [attacker, victim])
    for (const attempt of listAttempts(attacker.domain, target, as)) seen.push(await readOutcome(attempt));

  expect(seen.filter((text) => text.includes('victim'))).toEqual([]);
  expect(seen.filter((text) => text.includes('attacker')).length).toBeGreaterThan(8);
  expect(await readPicture(victim, at)).toBe(before);
});

function listAttempts(
  { admin, reviewer, second, agentCtx, agent, workspace }: Domain,
  { serverId, profileId, keyId, reviewId, receiptId, requestId }: Furnished,
  as: (ctx: ServiceContext) => ServiceContext,
): (() => Promise<unknown>)[] {
  const ctx = as(admin);
  const membershipId = getActorId(admin.actor);
  const choice = (name: string) => ({ kind: 'tool', name, verdict: 'rejected', risk: 'read' }) as const;
  return [
    () => listServers({ ctx }),
    () => getServer({ ctx, input: { serverId } }),
    () => listReviews({ ctx, input: {} }),
    () => listReviews({ ctx, input: { state: 'decided' } }),
    () => getReview({ ctx, input: { reviewId } }),
    () => listProfiles({ ctx }),
    () => getProfile({ ctx, input: { profileId } }),
    () => listEndpoints({ ctx, input: { profileId } }),
    () => previewProfile({ ctx, input: { profileId } }),
    () => getRollout({ ctx, input: { profileId } }),
    () => listVersions({ ctx, input: { profileId } }),
    () => getVersion({ ctx, input: { profileId, version: 1 } }),
    () => listPublishRequests({ ctx }),
    () => getPublishRequest({ ctx, input: { requestId } }),
    () => consentPublish({ ctx: as(second), input: { requestId, expected: 'a'.repeat(64), reason: 'x' } }),
    () => sendBackRequest({ ctx: as(second), input: { requestId, reason: 'x' } }),
    () => getProfileEnd({ ctx, input: { profileId } }),
    () => updateProfile({ ctx, input: { profileId, name: 'x', description: '', siteIds: [workspace.site.id], revision: 1 } }),
    () => startDraft({ ctx, input: { profileId, version: 1, revision: 2 } }),
    () => requestPublish({ ctx, input: { profileId } }),
    () => listClientKeys({ ctx, input: {} }),
    () => listReceipts({ ctx, input: {} }),
    () => getReceipt({ ctx, input: { id: receiptId } }),
    () => getReceiptFilters({ ctx }),
    () => getOverview({ ctx }),
    () => listPendingDiscoveries({ ctx: as(agentCtx) }),
    () => startDiscovery({ ctx, input: { serverId, agentId: agent.id } }),
    () =>
      decideReview({
        ctx: as(reviewer),
        input: {
          reviewId,
          decisions: [
            choice('victim_tool'),
            choice('victim_second'),
            { kind: 'prompt', name: 'victim_prompt', verdict: 'rejected' },
            { kind: 'resource', name: 'victim://a', verdict: 'rejected' },
          ],
        },
      }),
    () => saveDraft({ ctx, input: { profileId, draft: { entries: [{ kind: 'tool', serverId, name: 'victim_tool' }] } } }),
    () => saveDraft({ ctx, input: { profileId, draft: { entries: [{ kind: 'prompt', serverId, name: 'victim_prompt' }] } } }),
    () => publishProfile({ ctx, input: { profileId } }),
    () => grantAccess({ ctx, input: { profileId, membershipId } }),
    () => createClientKey({ ctx, input: { profileId, name: 'taken' } }),
    () => revokeClientKey({ ctx, input: { keyId } }),
    () => revokeAccess({ ctx, input: { profileId, membershipId } }),
    () => disableProfile({ ctx, input: { profileId } }),
    () => archiveProfile({ ctx, input: { profileId } }),
    () => restoreProfile({ ctx, input: { profileId } }),
    () => deleteProfile({ ctx, input: { profileId } }),
    () => disableServer({ ctx, input: { serverId } }),
    () => expireDiscoveries({ ctx: as(workspace.asSystem('expire-records')) }),
  ];
}

/** What came back, refusals included, as one text; sent values of the attempt itself do not count. */
async function readOutcome(attempt: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify((await attempt()) ?? null);
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}
