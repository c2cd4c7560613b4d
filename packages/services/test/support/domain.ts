import { randomUUID } from 'node:crypto';

import type { Agent } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent } from '@gatehouse/db/testing';
import type { Risk, ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { SnapshotProfile, SnapshotTool } from '@gatehouse/policy/documents/profile';
import { Snapshot } from '@gatehouse/policy/documents/snapshot';
import { defineTool } from '@gatehouse/policy/testing/build';
import type { Offer } from '@gatehouse/protocol/messages';

import { getActorId, type ServiceContext } from '../../src/context.ts';
import { recordResult, type RecordedResult, type RecordResult } from '../../src/discovery/record-result.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { confirmReview } from '../../src/review/confirm-review.ts';
import { decideReview, type DecideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { createServer } from '../../src/server/create-server.ts';
import { getFixtureDb, type Workspace } from './world.ts';

export const defineDestructive = (name: string) =>
  defineTool(name, { annotations: { readOnlyHint: false, destructiveHint: true } });

type Succeeded = Extract<RecordResult['outcome'], { status: 'succeeded' }>;
/** What a server offers beside its tools, and what else it can do. */
export type Beside = Partial<Pick<Succeeded, 'entries' | 'features'>>;

export function makeFound(tools: ToolDefinition[], { entries = [], features }: Beside = {}): RecordResult['outcome'] {
  return {
    status: 'succeeded',
    protocolVersion: '2025-11-25',
    serverInfo: { name: 'orders', version: '1.0.0' },
    features,
    entries: [...tools.map((definition) => ({ kind: 'tool' as const, definition })), ...entries],
  };
}

/** What an agent sees of its own accord. */
export function makeOffer(...tools: ToolDefinition[]): Offer {
  return {
    protocolVersion: '2025-11-25',
    serverInfo: { name: 'orders', version: '1.0.0' },
    features: { logging: false, completions: false, resourceSubscriptions: false },
    entries: tools.map((definition) => ({ kind: 'tool', definition })),
  };
}

/** A workspace with one connected agent and the people of a review. */
export interface Domain {
  workspace: Workspace;
  /** author of everything */
  admin: ServiceContext;
  reviewer: ServiceContext;
  /** the second person, where it takes two */
  second: ServiceContext;
  agent: Agent;
  agentCtx: ServiceContext;
}

export async function makeDomain(workspace: Workspace): Promise<Domain> {
  const { tenant, site } = workspace;
  const admin = await workspace.as('admin');
  const { runtime } = admin;
  const agent = await makeAgent(getFixtureDb(runtime), tenant.id, {
    siteId: site.id,
    lastSeenAt: runtime.now(),
    endpointUrl: 'http://127.0.0.1:7300',
  });
  const agentCtx = workspace.makeContext({ kind: 'agent', agentId: agent.id, siteId: site.id });
  const [reviewer, second] = [await workspace.as('reviewer'), await workspace.as('reviewer')];
  return { workspace, admin, reviewer, second, agent, agentCtx };
}

export async function addServer(
  { admin, workspace }: Domain,
  overrides: Partial<Parameters<typeof createServer>[0]['input']> = {},
) {
  const own = randomUUID().slice(0, 8);
  const input = {
    name: `Orders ${own}`,
    transport: { kind: 'http', url: `http://127.0.0.1:3030/${own}` } as const,
    purpose: 'Look up orders',
    siteIds: [workspace.site.id],
    ...overrides,
  };
  return createServer({ ctx: admin, input });
}

/** Runs a discovery of the server that finds these tools. */
export async function discover(
  { admin, agent, agentCtx }: Domain,
  serverId: string,
  tools: ToolDefinition[],
  beside: Beside = {},
): Promise<RecordedResult> {
  const { id } = await startDiscovery({ ctx: admin, input: { serverId, agentId: agent.id } });
  return recordResult({ ctx: agentCtx, input: { discoveryId: id, outcome: makeFound(tools, beside) } });
}

/** What a choice may be changed to: only tools have more than a verdict and a note. */
export type ChoiceChange = Partial<Omit<Extract<DecideReview['decisions'][number], { kind: 'tool' }>, 'kind' | 'name'>>;

/** Decisions on all entries of a review as the form would send them: approved, tools with the risk they have, changed by name; why where rejected. */
export async function listChoices(
  ctx: ServiceContext,
  reviewId: string,
  changes: Record<string, ChoiceChange> = {},
): Promise<DecideReview['decisions']> {
  const { entries } = await getReview({ ctx, input: { reviewId } });
  return entries.map((entry) => {
    const { name } = entry;
    const change = changes[name];
    const choice = {
      name,
      verdict: 'approved' as const,
      ...(change?.verdict === 'rejected' && { note: 'Not needed' }),
      ...change,
    };
    return entry.kind === 'tool' ? { kind: entry.kind, risk: entry.weighedRisk, ...choice } : { kind: entry.kind, ...choice };
  });
}

/** The second person confirms what waits. */
export async function confirm({ second }: Pick<Domain, 'second'>, reviewId: string, ctx = second) {
  const { waiting } = await getReview({ ctx, input: { reviewId } });
  if (!waiting) throw new Error('Nothing waits for a second person');
  return confirmReview({ ctx, input: { reviewId, proposedAt: waiting.proposedAt } });
}

/** Decides a review as the form would, and lets a second person confirm what takes two. */
export async function approveReview(domain: Domain, reviewId: string, changes: Record<string, ChoiceChange> = {}): Promise<void> {
  const { reviewer } = domain;
  const decisions = await listChoices(reviewer, reviewId, changes);
  const { waiting } = await decideReview({ ctx: reviewer, input: { reviewId, decisions } });
  if (waiting.length > 0) await confirm(domain, reviewId);
}

/** A server whose tools are found and all approved, by two people where it takes two. */
export async function addApprovedServer(
  domain: Domain,
  tools: ToolDefinition[],
  overrides: Parameters<typeof addServer>[1] = {},
  beside: Beside = {},
) {
  const server = await addServer(domain, overrides);
  const { openReviewId } = await discover(domain, server.id, tools, beside);
  if (openReviewId === null) throw new Error('No review was opened');
  await approveReview(domain, openReviewId);
  return { ...server, reviewId: openReviewId };
}

/** A profile whose draft selects these tools. */
export async function createDraftedProfile(
  { admin, workspace }: Domain,
  tools: { serverId: string; name: string; rename?: string; rule?: 'allow' | 'deny' }[],
  name = `Support ${randomUUID().slice(0, 8)}`,
) {
  const profile = await createProfile({ ctx: admin, input: { name, siteIds: [workspace.site.id] } });
  await saveDraft({
    ctx: admin,
    input: { profileId: profile.id, draft: { entries: tools.map((chosen) => ({ kind: 'tool', ...chosen })) } },
  });
  return profile;
}

/** A published profile with one tool, `get_order`, and a person with access to it. */
export async function serveOneTool(domain: Domain) {
  const { admin, workspace } = domain;
  const server = await addApprovedServer(domain, [defineTool('get_order')]);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  const person = await workspace.as('member');
  const membershipId = getActorId(person.actor);
  await grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId } });
  return { server, profile, person, membershipId };
}

/** The newest signed snapshot of the workspace's site, as an agent would read it; null before the first. */
export async function readNewestSnapshot({
  workspace,
  admin,
}: Pick<Domain, 'admin'> & { workspace: { site: { id: string } } }): Promise<Snapshot | null> {
  const { tenantId, runtime } = admin;
  const row = await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.snapshot.findFirst({ where: { tenantId, siteId: workspace.site.id }, orderBy: { version: 'desc' } }),
  );
  return row && Snapshot.parse(JSON.parse(Buffer.from(row.payload).toString('utf8')));
}

/** `server_tool:risk` pairs for reading a snapshot at a glance. */
export function listServed(snapshot: Snapshot | null): { name: string; risk: Risk }[] {
  return (snapshot?.content.profiles ?? []).flatMap((profile) =>
    listTools(profile).map(({ advertisedName, risk }) => ({ name: advertisedName, risk })),
  );
}

/** The tools of a served profile. */
export function listTools(profile: SnapshotProfile | undefined): SnapshotTool[] {
  return (profile?.entries ?? []).filter((entry) => entry.kind === 'tool');
}
