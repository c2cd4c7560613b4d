import { expect, onTestFinished } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import type { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { Relay } from '@gatehouse/protocol/testing/relay';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { getReview } from '@gatehouse/services/review/get-review';

import { startProcess } from '../processes.ts';
import type { Workspace, World } from '../world.ts';
import { nameHonest } from './answers.ts';

/** A worker, and a hub that agents reach through a relay which keeps every byte. All end with the test. */
export async function startControlPlane(world: World, redisUrl: string | undefined) {
  const relay = await Relay.start({ host: '127.0.0.1', port: 1 });
  onTestFinished(() => relay.stop());
  const hubUrl = `ws://127.0.0.1:${relay.port}`;
  const hub = await world.startHub({ burst: 100_000, tokensPerSecond: 100_000 }, 0, hubUrl);
  relay.replaceHub({ host: '127.0.0.1', port: hub.port });
  const worker = startProcess('worker/src/main.ts', [], {
    GATEHOUSE_WORKER_DATABASE_URL: world.database.urls.worker,
    GATEHOUSE_SIGNING_KEK: world.signingKek.toString('base64'),
    GATEHOUSE_WORKER_PORT: '0',
    GATEHOUSE_LOG_LEVEL: 'trace',
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  });
  return { relay, hubUrl, worker };
}

/** Looks at servers through the agent, all at once; resolves with how that ended. */
export async function discoverAll(
  world: World,
  workspace: Workspace,
  agentId: string,
  serverIds: readonly string[],
): Promise<string[]> {
  const ctx = await workspace.as('owner');
  const started = await Promise.all(serverIds.map((serverId) => startDiscovery({ ctx, input: { serverId, agentId } })));
  const where = { tenantId: workspace.tenantId, id: { in: started.map(({ id }) => id) } };
  const read = () =>
    runInTenant(world.runtime.db, workspace.tenantId, (tx) => tx.discovery.findMany({ where, select: { status: true } }));
  const isOver = async () => (await read()).every(({ status }) => status === 'succeeded' || status === 'failed');
  await expect.poll(isOver, { timeout: 60_000, interval: 100 }).toBe(true);
  return [...new Set((await read()).map(({ status }) => status))];
}

/** Approves what is honest of each server, rejects the rest, and publishes it as one profile; every value that can be logged is. */
export async function publishHonest(
  world: World,
  workspace: Workspace,
  serverIds: readonly string[],
): Promise<{ key: string; path: string }> {
  const owner = await workspace.as('owner');
  const entries: { kind: Exclude<EntryKind, 'instructions'>; serverId: string; name: string }[] = [];
  for (const [which, serverId] of serverIds.entries()) {
    const honest: readonly string[] = Object.values(nameHonest(which));
    const approved = await approve(world, workspace, serverId, honest);
    for (const { kind, name } of approved) if (kind !== 'instructions') entries.push({ kind, serverId, name });
  }
  const { id: profileId, slug } = await createProfile({ ctx: owner, input: { name: 'Planted', siteIds: [workspace.siteId] } });
  await saveDraft({ ctx: owner, input: { profileId, draft: { entries } } });
  await publishProfile({ ctx: owner, input: { profileId } });
  if (owner.actor.kind !== 'person') throw new Error('not a person');
  await grantAccess({ ctx: owner, input: { profileId, membershipId: owner.actor.membershipId } });
  const { key } = await createClientKey({ ctx: owner, input: { profileId, name: 'test' } });
  return { key, path: `/p/${slug}/mcp` };
}

/** Returns the entries that are approved. */
async function approve(world: World, workspace: Workspace, serverId: string, honest: readonly string[]) {
  const ctx = await workspace.as('reviewer');
  const { tenantId } = workspace;
  const where = { tenantId, serverId, state: 'open' } as const;
  const { id: reviewId } = await runInTenant(world.runtime.db, tenantId, (tx) => tx.review.findFirstOrThrow({ where }));
  const { entries } = await getReview({ ctx, input: { reviewId } });
  const decisions = entries.map(({ kind, name }) => {
    const verdict: 'approved' | 'rejected' = honest.includes(name) ? 'approved' : 'rejected';
    if (kind !== 'tool') return { kind, name, verdict };
    const marks = verdict === 'approved' ? { logArguments: ['/note'], logResults: ['/value'] } : {};
    return { kind, name, verdict, risk: 'read' as const, ...marks };
  });
  await decideReview({ ctx, input: { reviewId, decisions, reason: 'it only reads' } });
  return entries.filter(({ name }) => honest.includes(name));
}
