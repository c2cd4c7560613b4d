import type { HeaderCredential, ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { acceptInvitation } from '@gatehouse/services/auth/accept-invitation';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import type { ServiceContext } from '@gatehouse/services/context';
import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createOperatorLink } from '@gatehouse/services/member/create-operator-link';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { getRollout } from '@gatehouse/services/profile/publish/get-rollout';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { confirmReview } from '@gatehouse/services/review/confirm-review';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { getReview } from '@gatehouse/services/review/get-review';
import { listReviews } from '@gatehouse/services/review/list-reviews';
import type { Runtime } from '@gatehouse/services/runtime';
import { createServer } from '@gatehouse/services/server/create-server';
import { createSite } from '@gatehouse/services/site/create-site';
import { createTenant } from '@gatehouse/services/tenant/create-tenant';

import { openLocalRuntime } from '../control-plane.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import { getConsoleUrl, LocalError, type Settings } from '../settings.ts';
import { getAgentDataDir } from './agent.ts';
import { enrolAgent } from './enrol.ts';
import type { DemoFile } from './file.ts';
import { importApi } from './import-api.ts';
import * as plan from './plan.ts';
import { makePassword, signInTo } from './sign-in.ts';
import { waitUntil } from './wait.ts';

interface Person {
  role: string;
  email: string;
  password: string;
  ctx: ServiceContext;
}

/**
 * Lets the people join by links of the operator, so that none of them had another one's in hand; each acts through a context of its own, as in
 * the console. The operator's part is done as the owner of the database: no process may make a workspace.
 */
async function createPeople(settings: Settings, runtime: Runtime, databaseUrl: string): Promise<Map<string, Person>> {
  const people = new Map<string, Person>();
  const operator = await openLocalRuntime(settings, databaseUrl);
  try {
    for (const { role, email, name } of plan.people) {
      const password = makePassword();
      const account = { kind: 'new', name, newPassword: password } as const;
      const token = await makeLink(operator, { role, email });
      await acceptInvitation({ runtime, input: { token, ip: '127.0.0.1', account } });
      const ctx = await signInTo({ runtime, tenantSlug: plan.tenant.slug, email, password });
      people.set(role, { role, email, password, ctx });
    }
  } finally {
    await operator.close();
  }
  return people;
}

/** The secret of an invitation; the owner's comes with the workspace. */
async function makeLink(
  runtime: Runtime,
  { role, email }: Pick<(typeof plan.people)[number], 'role' | 'email'>,
): Promise<string> {
  const { tenant } = plan;
  if (role === 'owner') return (await createTenant({ runtime, input: { ...tenant, ownerEmail: email } })).token;
  return (await createOperatorLink({ runtime, input: { tenantSlug: tenant.slug, email, role } })).token;
}

function buildTransports(settings: Settings): Record<plan.ServerKey, ServerTransport> {
  const orders = `http://127.0.0.1:${settings.ports.orders}`;
  const credential: HeaderCredential = {
    kind: 'header',
    header: 'Authorization',
    prefix: 'Bearer ',
    reference: 'env:ORDERS_TOKEN',
  };
  return {
    orders: { kind: 'http', url: `${orders}/mcp`, credential },
    ordersApi: { kind: 'rest', baseUrl: `${orders}/api`, credential },
    everything: { kind: 'stdio', entry: 'everything', processes: 'shared' },
    files: { kind: 'stdio', entry: 'research-files', processes: 'shared' },
  };
}

/** Lets the agent look at what a server offers. */
async function discoverServer(admin: ServiceContext, serverId: string, name: string, agentId: string): Promise<void> {
  const discovery = await startDiscovery({ ctx: admin, input: { serverId, agentId } });
  await waitUntil(`${name} to be discovered`, async () => {
    const { status, errorText } = await getDiscovery({ ctx: admin, input: { discoveryId: discovery.id } });
    if (status === 'failed') throw new LocalError(`The agent could not discover ${name}: ${errorText}`);
    return status === 'succeeded';
  });
}

/**
 * Adds a server, lets the agent discover it (a REST API is imported from its description), and has the reviewer (never the author) decide
 * every tool, and the owner confirm what takes two. Returns the server's id.
 */
async function addServer(
  settings: Settings,
  key: plan.ServerKey,
  people: Map<string, Person>,
  site: string,
  agentId: string,
): Promise<string> {
  const admin = requireContext(people, 'admin');
  const reviewer = requireContext(people, 'reviewer');
  const { slug, name, purpose, reason, tools } = plan.servers[key];
  const transport = buildTransports(settings)[key];
  const { id } = await createServer({ ctx: admin, input: { slug, name, purpose, siteIds: [site], transport } });
  if (transport.kind === 'rest') await importApi(admin, id, `${transport.baseUrl}/openapi.json`);
  else await discoverServer(admin, id, name, agentId);
  const [open] = (await listReviews({ ctx: reviewer, input: { state: 'open', serverId: id } })).rows;
  if (!open) throw new LocalError(`${name} was discovered but has no review.`);
  const review = await getReview({ ctx: reviewer, input: { reviewId: open.id } });
  const chosen = new Map<string, plan.ToolReview>(Object.entries(tools));
  const { waiting } = await decideReview({
    ctx: reviewer,
    input: {
      reviewId: open.id,
      reason,
      decisions: review.entries.map((entry) => {
        const { kind, name: entryName } = entry;
        if (kind !== 'tool') return { kind, name: entryName, verdict: 'approved' as const };
        const choice = chosen.get(entryName);
        return {
          kind,
          name: entryName,
          verdict: choice ? ('approved' as const) : ('rejected' as const),
          risk: choice?.risk ?? entry.weighedRisk,
          logArguments: choice?.logArguments ?? [],
        };
      }),
    },
  });
  if (waiting.length > 0) await confirmDecision(requireContext(people, 'owner'), open.id);
  return id;
}

async function confirmDecision(ctx: ServiceContext, reviewId: string): Promise<void> {
  const { waiting } = await getReview({ ctx, input: { reviewId } });
  if (waiting) await confirmReview({ ctx, input: { reviewId, proposedAt: waiting.proposedAt } });
}

function requireContext(people: Map<string, Person>, role: string): ServiceContext {
  const found = people.get(role);
  if (!found) throw new LocalError(`The demo plan names no ${role}.`);
  return found.ctx;
}

/** Creates, fills and publishes a profile, lets two people use it, and issues the member's client key. */
async function addProfile(
  settings: Settings,
  profile: plan.DemoProfile,
  people: Map<string, Person>,
  siteId: string,
  ids: Map<plan.ServerKey, string>,
) {
  const admin = requireContext(people, 'admin');
  const member = requireContext(people, 'member');
  const { id } = await createProfile({
    ctx: admin,
    input: { slug: profile.slug, name: profile.name, description: profile.description, siteIds: [siteId] },
  });
  const entries = profile.tools.flatMap(({ server, denyReason, ...tool }) => {
    const serverId = ids.get(server);
    return serverId
      ? [{ kind: 'tool' as const, ...tool, serverId, denyReason, rule: denyReason ? ('deny' as const) : ('allow' as const) }]
      : [];
  });
  await saveDraft({ ctx: admin, input: { profileId: id, draft: { entries, audit: 'durable' } } });
  for (const ctx of [admin, member]) {
    if (ctx.actor.kind === 'person')
      await grantAccess({ ctx: admin, input: { profileId: id, membershipId: ctx.actor.membershipId } });
  }
  await publishProfile({ ctx: admin, input: { profileId: id } });
  const key = await createClientKey({ ctx: member, input: { profileId: id, name: 'Demo', expiresInDays: 90 } });
  await waitUntil(`the agent to acknowledge ${profile.name}`, async () => {
    const { agents: rollout } = await getRollout({ ctx: admin, input: { profileId: id } });
    return rollout.length > 0 && rollout.every((row) => row.ackedVersion === row.desiredVersion);
  });
  return { slug: profile.slug, mcpUrl: `http://127.0.0.1:${settings.ports.agent}/p/${profile.slug}/mcp`, apiKey: key.key };
}

/** Sets up the whole demo through the same verbs that the console uses. Starts the agent; returns the file's content. */
export async function provisionDemo(
  supervisor: Supervisor,
  settings: Settings,
  runtime: Runtime,
  databaseUrl: string,
): Promise<DemoFile> {
  const people = await createPeople(settings, runtime, databaseUrl);
  const admin = requireContext(people, 'admin');
  const { id: siteId } = await createSite({ ctx: admin, input: plan.site });
  const agentId = await enrolAgent(supervisor, settings, admin, siteId);
  const ids = new Map<plan.ServerKey, string>();
  for (const key of Object.keys(plan.servers) as plan.ServerKey[])
    ids.set(key, await addServer(settings, key, people, siteId, agentId));
  const profiles: DemoFile['profiles'] = [];
  for (const profile of plan.profiles) profiles.push(await addProfile(settings, profile, people, siteId, ids));
  return {
    consoleUrl: getConsoleUrl(settings),
    hubUrl: `ws://127.0.0.1:${settings.ports.hub}`,
    agentUrl: `http://127.0.0.1:${settings.ports.agent}`,
    tenant: plan.tenant.slug,
    users: [...people.values()].map(({ role, email, password }) => ({ role, email, password })),
    profiles,
    agents: [{ id: agentId, name: plan.agentName, dataDir: getAgentDataDir(settings) }],
    databaseUrl,
    redisUrl: settings.redisUrl ?? null,
  };
}
