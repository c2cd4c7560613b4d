import { randomBytes, randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { Agent, Server } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { resolveLimits, ServerLimits } from '@gatehouse/policy/documents/server-limits';
import { type DiscoveryOrder, ServerFeatures, ServerTransport, type SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { lockServer } from '../server/require-server.ts';
import { signDocument } from '../signing/sign.ts';
import { findOverdueProblem } from './discovery-view.ts';

export const StartDiscovery = z.strictObject({ serverId: z.uuid(), agentId: z.uuid() });
export type StartDiscovery = z.input<typeof StartDiscovery>;

/** The agent must have the order in hand within this time. */
const ORDER_MS = 60_000;

/**
 * Asks one agent to look at what a server offers: a signed order for that agent alone. Nothing that comes back is callable before a
 * review. Throws `conflict` while another discovery of the server is under way.
 */
export async function startDiscovery({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: StartDiscovery;
}): Promise<{ id: string; expiresAt: Date }> {
  authorize(ctx, 'discovery.start');
  const { serverId, agentId } = parseInput(StartDiscovery, input);
  const { tenantId } = ctx;

  return mutate(ctx, async ({ tx, audit, signal }) => {
    const server = await lockServer(tx, tenantId, serverId);
    const agent = await tx.agent.findUnique({ where: { tenantId_id: { tenantId, id: agentId } } });
    if (!agent) throw createNotFoundError('agent');
    await requireReady(tx, server, agent, ctx.runtime.now());

    const id = randomUUID();
    const issuedAt = ctx.runtime.now();
    const expiresAt = new Date(issuedAt.getTime() + ORDER_MS);
    const order: DiscoveryOrder = {
      format: 1,
      tenantId,
      siteId: agent.siteId,
      agentId,
      discoveryId: id,
      nonce: randomBytes(24).toString('base64url'),
      issuedAt: issuedAt.toISOString(),
      notAfter: expiresAt.toISOString(),
      server: toSnapshotServer(server),
    };
    const { start, answer } = resolveLimits(order.server.limits ?? {}, {}, null);
    const runBy = new Date(expiresAt.getTime() + start.ms + answer.ms);
    const payload = Buffer.from(JSON.stringify(order));
    const envelope = await signDocument(ctx, tx, 'application/vnd.gatehouse.discovery+json', payload);
    const signed = { payload, signature: Buffer.from(envelope.signature, 'base64'), keyId: envelope.keyId };
    const requestedBy = getActorId(ctx.actor);
    await tx.discovery.create({
      data: {
        tenantId,
        id,
        serverId,
        siteId: agent.siteId,
        agentId,
        requestedBy,
        createdAt: issuedAt,
        expiresAt,
        runBy,
        ...signed,
      },
    });
    await audit({ action: 'discovery.start', entityType: 'server', entityId: serverId, after: { discoveryId: id, agentId } });
    signal('discovery', id);
    signal('server', serverId);
    return { id, expiresAt };
  });
}

/** As an agent looks at it, which is before it is known what it offers. */
function toSnapshotServer({ id, slug, name, transport, limits }: Server): SnapshotServer {
  const known = { id, slug, name, transport: ServerTransport.parse(transport), features: ServerFeatures.parse({}) };
  return limits === null ? known : { ...known, limits: ServerLimits.parse(limits) };
}

async function requireReady(tx: TenantTx, server: Server, agent: Agent, now: Date): Promise<void> {
  const { tenantId, id: serverId } = server;
  if (server.disabledAt !== null) {
    throw new ServiceError('precondition', `${server.name} is disabled. Enable it first.`);
  }
  if (ServerTransport.parse(server.transport).kind === 'rest') {
    throw new ServiceError('precondition', `The tools of ${server.name} come from its OpenAPI description. Import that instead.`);
  }
  if (agent.revokedAt !== null || agent.quarantinedAt !== null) {
    throw new ServiceError('precondition', `Agent ${agent.name} may not connect any more. Choose another agent.`);
  }
  const reaches = await tx.serverSite.count({ where: { tenantId, serverId, siteId: agent.siteId } });
  if (reaches === 0) {
    throw new ServiceError(
      'precondition',
      `${server.name} is not reachable at the site of agent ${agent.name}. Choose another agent.`,
    );
  }
  const pending = await tx.discovery.findMany({ where: { tenantId, serverId, status: { in: ['waiting', 'running'] } } });
  const running = pending.find((discovery) => findOverdueProblem(discovery, now) === null);
  if (running) {
    throw new ServiceError('conflict', `${server.name} is being looked at already. Wait for that to end.`);
  }
}
