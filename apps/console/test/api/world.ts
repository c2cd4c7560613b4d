import { randomUUID } from 'node:crypto';

import { pino } from 'pino';

import { makeAgent, openTestDatabase } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';
import type { Receipt } from '@gatehouse/protocol/receipt';
import { hashReceipt } from '@gatehouse/protocol/receipt-chain';
import { requestAccess } from '@gatehouse/services/access-request/request-access';
import { acceptInvitation } from '@gatehouse/services/auth/accept-invitation';
import { openContext } from '@gatehouse/services/auth/open-context';
import { signIn } from '@gatehouse/services/auth/sign-in';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import type { ServiceContext } from '@gatehouse/services/context';
import { recordResult } from '@gatehouse/services/discovery/record-result';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { addMembers } from '@gatehouse/services/group/add-members';
import { createGroup } from '@gatehouse/services/group/create-group';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { createOperatorLink } from '@gatehouse/services/member/create-operator-link';
import { inviteMember } from '@gatehouse/services/member/invite-member';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { requestPublish } from '@gatehouse/services/profile/request/request-publish';
import { ingestReceipts } from '@gatehouse/services/receipt/ingest-receipts';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { openRuntime, type Runtime } from '@gatehouse/services/runtime';
import { createServer } from '@gatehouse/services/server/create-server';
import { createSite } from '@gatehouse/services/site/create-site';
import { createTenant } from '@gatehouse/services/tenant/create-tenant';

import { createApiContext, type ApiRequest } from '../../src/server/api/context.ts';
import { createCaller } from '../../src/server/api/root.ts';

export const PASSWORD = 'correct horse battery staple';

export interface TestWorld {
  /** the console's */
  runtime: Runtime;
  /** what also the operator, agents and jobs of a test act in */
  fixtures: Runtime;
  /** moves the clock of the runtime */
  clock: { now: Date };
  close(): Promise<void>;
}

/** A real database and a runtime on it, with a clock that can be moved. */
export async function openWorld(): Promise<TestWorld> {
  const database = await openTestDatabase();
  const clock = { now: new Date() };
  const open = (appDatabaseUrl: string) =>
    openRuntime({
      appDatabaseUrl,
      signingKek: Buffer.alloc(32, 7),
      hubPublicUrl: 'ws://127.0.0.1:3001',
      consoleUrl: 'https://console.example',
      sendsMail: true,
      log: pino({ level: 'silent' }),
      now: () => clock.now,
    });
  const [runtime, fixtures] = [await open(database.urls.console), await open(database.fixtureUrl)];
  const close = async () => {
    await runtime.close();
    await fixtures.close();
    await database.drop();
  };
  return { runtime, fixtures, clock, close };
}

/** Signs a person in and gives what the browser's token would hold. */
export async function issueToken(runtime: Runtime, email: string, workspace: string): Promise<{ sid: string; uid: string }> {
  const { userId, sessionId } = await signIn({
    runtime,
    input: { email, password: PASSWORD, ip: randomUUID(), userAgent: null, workspace },
  });
  return { sid: sessionId, uid: userId };
}

/** The API as a browser with this token meets it. */
export function makeCaller(runtime: Runtime, tenantSlug: string, token: ApiRequest['token'], change: Partial<ApiRequest> = {}) {
  const stopping = new AbortController().signal;
  return createCaller(
    createApiContext({
      runtime,
      token,
      tenantSlug,
      ip: randomUUID(),
      requestId: randomUUID(),
      sameOrigin: true,
      onChallenge: () => undefined,
      stopping,
      ...change,
    }),
  );
}

const TOOL = defineTool('get_order', {
  inputSchema: { type: 'object', properties: { orderId: { type: 'integer' } }, required: ['orderId'] },
});

/** A person follows an invitation as somebody new. */
export const accept = (runtime: Runtime, token: string, name: string) =>
  acceptInvitation({ runtime, input: { token, ip: randomUUID(), account: { kind: 'new', name, newPassword: PASSWORD } } });

/** A tenant with one of everything, made through the verbs, and the ids of it all. */
export async function makeTenantWithEverything(runtime: Runtime) {
  const slug = `t-${randomUUID().slice(0, 8)}`;
  const email = `owner@${slug}.example`;
  const { tenantId, token: ownerLink } = await createTenant({ runtime, input: { slug, name: slug, ownerEmail: email } });
  await accept(runtime, ownerLink, `Owner of ${slug}`);
  const token = await issueToken(runtime, email, slug);
  const ctx = await openContext({ runtime, input: { userId: token.uid, tenantSlug: slug, requestId: 'world' } });
  const site = await createSite({ ctx, input: { slug: `site-${slug}`, name: `Site of ${slug}` } });
  const agent = await makeAgent(runtime.db, tenantId, {
    siteId: site.id,
    name: `agent-${slug}`,
    endpointUrl: `http://${slug}.example`,
  });
  const agentCtx: ServiceContext = { ...ctx, actor: { kind: 'agent', agentId: agent.id, siteId: site.id } };
  const joinToken = await createJoinToken({ ctx, input: { siteId: site.id, agentName: `next-${slug}` } });
  // by the operator: whoever is invited by the author of what there is to review approves nothing of it
  const memberLink = await createOperatorLink({
    runtime,
    input: { tenantSlug: slug, email: `m@${slug}.example`, role: 'reviewer' },
  });
  const member = await accept(runtime, memberLink.token, `Member of ${slug}`);
  const invitation = await inviteMember({ ctx, input: { email: `invited@${slug}.example`, role: 'member' } });
  const reviewer = await openContext({
    runtime,
    input: { userId: (await issueToken(runtime, `m@${slug}.example`, slug)).uid, tenantSlug: slug, requestId: 'world' },
  });

  const group = await createGroup({ ctx, input: { name: `Group of ${slug}` } });
  await addMembers({ ctx, input: { groupId: group.id, membershipIds: [member.membershipId] } });
  const transport = { kind: 'http' as const, url: `https://${slug}.example/mcp`, credential: null };
  const server = await createServer({
    ctx,
    input: { name: `Server of ${slug}`, purpose: 'Orders', siteIds: [site.id], transport },
  });
  const discovery = await startDiscovery({ ctx, input: { serverId: server.id, agentId: agent.id } });
  const serverInfo = { name: 'orders', version: '1' };
  const prompt = { name: `prompt-of-${slug}` };
  const resource = { uri: `doc://${slug}/terms`, name: `Terms of ${slug}` };
  const template = { uriTemplate: `doc://${slug}/{page}`, name: `Pages of ${slug}` };
  const outcome = {
    status: 'succeeded' as const,
    protocolVersion: '2026-07-28',
    serverInfo,
    entries: [
      { kind: 'tool' as const, definition: TOOL },
      { kind: 'prompt' as const, definition: prompt },
      { kind: 'resource' as const, definition: resource },
      { kind: 'template' as const, definition: template },
    ],
  };
  const { openReviewId } = await recordResult({ ctx: agentCtx, input: { discoveryId: discovery.id, outcome } });
  if (openReviewId === null) throw new Error('A new server opens a review');
  const decisions = [
    { kind: 'tool' as const, name: TOOL.name, verdict: 'approved' as const, risk: 'read' as const },
    { kind: 'prompt' as const, name: prompt.name, verdict: 'approved' as const },
    { kind: 'resource' as const, name: resource.uri, verdict: 'approved' as const },
    { kind: 'template' as const, name: template.uriTemplate, verdict: 'approved' as const },
  ];
  await decideReview({ ctx: reviewer, input: { reviewId: openReviewId, decisions } });

  const profile = await createProfile({ ctx, input: { name: `Profile of ${slug}`, siteIds: [site.id] } });
  const serverId = server.id;
  const draft = {
    entries: [
      {
        kind: 'tool' as const,
        serverId,
        name: TOOL.name,
        arguments: [{ kind: 'pin' as const, argument: '/orderId', value: 8841 }],
      },
      { kind: 'prompt' as const, serverId, name: prompt.name },
      { kind: 'resource' as const, serverId, name: resource.uri },
      { kind: 'template' as const, serverId, name: template.uriTemplate },
    ],
  };
  await saveDraft({ ctx, input: { profileId: profile.id, draft: { entries: draft.entries.slice(0, 1) } } });
  const publishRequest = await requestPublish({ ctx, input: { profileId: profile.id, note: `Note of ${slug}` } });
  await publishProfile({ ctx, input: { profileId: profile.id } });
  await saveDraft({ ctx, input: { profileId: profile.id, draft } });
  await publishProfile({ ctx, input: { profileId: profile.id } });
  await grantAccess({ ctx, input: { profileId: profile.id, membershipId: member.membershipId } });
  const asker = await openContext({
    runtime,
    input: { userId: await makeAsker(runtime, slug), tenantSlug: slug, requestId: 'world' },
  });
  const accessRequest = await requestAccess({
    ctx: asker,
    input: { profileId: profile.id, reason: `Work of ${slug}`, until: null },
  });
  const clientKey = await createClientKey({ ctx: reviewer, input: { profileId: profile.id, name: `Key of ${slug}` } });

  const receipt = makeReceipt({
    siteId: site.id,
    personId: member.membershipId,
    keyId: clientKey.id,
    profileId: profile.id,
    serverId: server.id,
  });
  await ingestReceipts({ ctx: agentCtx, input: { spoolId: receipt.spoolId, receipts: [receipt] } });

  return {
    slug,
    tenantId,
    token,
    email,
    memberEmail: `m@${slug}.example`,
    ids: {
      site: site.id,
      siteSlug: `site-${slug}`,
      agent: agent.id,
      joinToken: joinToken.id,
      member: member.membershipId,
      group: group.id,
      accessRequest: accessRequest.id,
      invitation: invitation.id,
      server: server.id,
      serverSlug: server.slug,
      discovery: discovery.id,
      review: openReviewId,
      profile: profile.id,
      profileSlug: profile.slug,
      publishRequest: publishRequest.id,
      clientKey: clientKey.id,
      receipt: receipt.id,
      session: token.sid,
    },
  };
}

/** Somebody who has no access to anything. Gives the account. */
async function makeAsker(runtime: Runtime, tenantSlug: string): Promise<string> {
  const email = `asker@${tenantSlug}.example`;
  const { token } = await createOperatorLink({ runtime, input: { tenantSlug, email, role: 'member' } });
  await accept(runtime, token, `Asker of ${tenantSlug}`);
  return (await issueToken(runtime, email, tenantSlug)).uid;
}

export type Everything = Awaited<ReturnType<typeof makeTenantWithEverything>>;
export type Ids = Everything['ids'];

function makeReceipt(of: { siteId: string; personId: string; keyId: string; profileId: string; serverId: string }): Receipt {
  const receipt: Receipt = {
    format: 2,
    method: 'tools/call',
    id: randomUUID(),
    spoolId: randomUUID(),
    seq: 1,
    eventAt: new Date().toISOString(),
    configVersion: 1,
    siteKeyId: 'key-1',
    sessionId: 's-1',
    clientName: 'test-client',
    clientVersion: '1',
    protocolVersion: '2026-07-28',
    profileVersion: 1,
    kind: 'tool',
    name: TOOL.name,
    advertisedName: TOOL.name,
    nameFingerprint: null,
    pin: 'a'.repeat(64),
    risk: 'read',
    credential: null,
    outcome: 'allowed',
    reasonCode: 'ok',
    checks: [{ check: 'identity', result: 'pass' }],
    arguments: { fields: [], logged: [], bytes: 2, truncated: false },
    result: null,
    durationMs: 1,
    upstreamMs: null,
    lostBefore: 0,
    prevHash: '0'.repeat(64),
    hash: '0'.repeat(64),
    ...of,
  };
  return { ...receipt, hash: hashReceipt(receipt) };
}
