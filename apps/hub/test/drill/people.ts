import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import pino from 'pino';

import { runInTenant } from '@gatehouse/db/tenant';
import { acceptInvitation } from '@gatehouse/services/auth/accept-invitation';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { revokeClientKey } from '@gatehouse/services/client-key/revoke-client-key';
import type { ServiceContext } from '@gatehouse/services/context';
import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { openRuntime } from '@gatehouse/services/runtime';
import { createServer } from '@gatehouse/services/server/create-server';
import { createSite } from '@gatehouse/services/site/create-site';

// What people do in a workspace, in a process of its own and with the code of the tree that it lies in, as the console. Prints a line of JSON.
// people.ts join --link TOKEN | tokens --as ID | publish --as ID --reviewer ID --server URL | key --as ID --profile ID | revoke --as ID --key ID

/** Agents have to start meanwhile, with whatever else runs on the machine. */
const WAIT_MS = 90_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(
    ['link', 'as', 'reviewer', 'server', 'profile', 'key'].map((name) => [name, { type: 'string', default: '' } as const]),
  ),
});
const readOption = (name: string): string => String(values[name]);

const runtime = await openRuntime({
  appDatabaseUrl: process.env['DRILL_DATABASE_URL'] ?? '',
  signingKek: Buffer.from(process.env['DRILL_KEK'] ?? '', 'base64'),
  hubPublicUrl: process.env['DRILL_HUB_URL'] ?? '',
  log: pino({ level: 'silent' }),
});

/** The member with this id, in a tenant whose id stands before it. */
async function openMember(id: string): Promise<ServiceContext> {
  const [tenantId = '', membershipId = ''] = id.split('/');
  const { userId, role } = await runInTenant(runtime.db, tenantId, (tx) =>
    tx.membership.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: membershipId } } }),
  );
  return {
    runtime,
    tenantId,
    tenantSlug: 'acme',
    actor: { kind: 'person', userId, membershipId, role },
    requestId: randomUUID(),
  };
}

async function waitFor<T>(look: () => Promise<T | null>): Promise<T> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await delay(100)) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new Error(`Waited in vain for ${look.toString()}`);
}

async function join(): Promise<object> {
  const password = `a long pass phrase ${randomUUID()}`;
  const account = { kind: 'new', name: 'Ada Example', newPassword: password } as const;
  const joined = await acceptInvitation({ runtime, input: { token: readOption('link'), ip: '127.0.0.1', account } });
  return { id: `${joined.tenantId}/${joined.membershipId}`, password };
}

async function makeTokens(): Promise<object> {
  const ctx = await openMember(readOption('as'));
  const tokens: string[] = [];
  for (const slug of ['north', 'south']) {
    const { id: siteId } = await createSite({ ctx, input: { slug, name: slug } });
    tokens.push((await createJoinToken({ ctx, input: { siteId, agentName: slug } })).token);
  }
  return { tokens };
}

async function publish(): Promise<object> {
  const [ctx, reviewer] = [await openMember(readOption('as')), await openMember(readOption('reviewer'))];
  const { tenantId } = ctx;
  // from the rows: what a verb answers with is another thing in another release
  const agents = await waitFor(async () => {
    const connected = await runInTenant(runtime.db, tenantId, (tx) =>
      tx.agent.findMany({ where: { tenantId, connectedAt: { not: null } }, select: { id: true, siteId: true } }),
    );
    return connected.length === 2 ? connected : null;
  });
  const siteIds = agents.map(({ siteId }) => siteId);
  const credential = { kind: 'header', header: 'authorization', prefix: 'Bearer ', reference: 'env:SECRET_ORDERS' } as const;
  const transport = { kind: 'http', url: `${readOption('server')}/mcp`, credential } as const;
  const { id: serverId } = await createServer({ ctx, input: { name: 'Orders', transport, purpose: 'Orders', siteIds } });
  const { id: discoveryId } = await startDiscovery({ ctx, input: { serverId, agentId: agents[0]?.id ?? '' } });
  const reviewId = await waitFor(async () => {
    const { openReviewId, status, errorText } = await getDiscovery({ ctx, input: { discoveryId } });
    if (status === 'failed') throw new Error(`The server was not looked at: ${errorText}`);
    return openReviewId;
  });
  const tool = { kind: 'tool', name: 'find' } as const;
  const decision = { ...tool, verdict: 'approved' as const, risk: 'read' as const, logArguments: ['/call'] };
  await decideReview({ ctx: reviewer, input: { reviewId, decisions: [decision] } });
  const { id, slug } = await createProfile({ ctx, input: { name: 'Support', siteIds } });
  await saveDraft({ ctx, input: { profileId: id, draft: { entries: [{ ...tool, serverId }] } } });
  await publishProfile({ ctx, input: { profileId: id } });
  const membershipId = readOption('as').split('/')[1] ?? '';
  await grantAccess({ ctx, input: { profileId: id, membershipId } });
  return { id, slug };
}

async function makeKey(): Promise<object> {
  const { id, key } = await createClientKey({
    ctx: await openMember(readOption('as')),
    input: { profileId: readOption('profile'), name: `drill ${randomUUID()}` },
  });
  return { id, key };
}

async function revokeKey(): Promise<object> {
  await revokeClientKey({ ctx: await openMember(readOption('as')), input: { keyId: readOption('key') } });
  return {};
}

const ACTS: Readonly<Record<string, () => Promise<object>>> = {
  join,
  tokens: makeTokens,
  publish,
  key: makeKey,
  revoke: revokeKey,
};
const act = ACTS[positionals[0] ?? ''];
if (!act) throw new Error(`There is no act ${positionals[0]}`);
try {
  process.stdout.write(`${JSON.stringify(await act())}\n`);
} finally {
  await runtime.close();
}
