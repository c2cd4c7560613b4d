import { isDeepStrictEqual } from 'node:util';

import type { z } from 'zod';

import { Heartbeat } from '@gatehouse/protocol/messages';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseReport, ServiceError } from '../errors.ts';
import { createServerTextRedactor, redactText } from '../redact-text.ts';
import { measureClockSkew } from './authenticate-agent.ts';
import { getAgentStatus } from './status.ts';

export const RecordHeartbeat = Heartbeat.omit({ type: true });
export type RecordHeartbeat = z.input<typeof RecordHeartbeat>;
type Reports = z.output<typeof RecordHeartbeat>['servers'];

/**
 * Keeps what the agent says of itself. Signals only when something on screen other than its age has changed. Throws with
 * the reason `revoked` or `quarantined`: then the connection must end.
 */
export async function recordHeartbeat({ ctx, input }: { ctx: ServiceContext; input: RecordHeartbeat }): Promise<void> {
  authorize(ctx, 'heartbeat.report');
  const beat = parseReport(RecordHeartbeat, input);
  const { agentId, siteId } = requireAgent(ctx);
  const { tenantId, runtime } = ctx;
  const now = runtime.now();
  await mutate(
    ctx,
    async (m) => {
      const agent = await m.tx.agent.findUnique({ where: { tenantId_id: { tenantId, id: agentId } } });
      if (!agent || agent.revokedAt) throw new ServiceError('not_permitted', 'This agent was revoked.', { reason: 'revoked' });
      if (agent.quarantinedAt)
        throw new ServiceError('not_permitted', 'This agent is quarantined: its key was used twice.', { reason: 'quarantined' });
      const serverHealth = await keepOwnServers(m, { tenantId, siteId }, beat.servers);
      const shown = {
        bufferedReceipts: Math.min(beat.bufferedReceipts, 2_147_483_647),
        openSessions: Math.min(beat.openSessions, 2_147_483_647),
        endpointUrl: beat.endpointUrl,
        // a name is chosen as it is: one that is no name is left out
        stdioEntries: beat.stdioEntries.filter((name) => redactText(name) === name),
        serverHealth,
        ...toUpkeep(beat),
      };
      await m.tx.agent.update({
        where: { tenantId_id: { tenantId, id: agentId } },
        data: { ...shown, lastSeenAt: now, clockSkewMs: measureClockSkew(beat.clock, now) },
      });
      const { bufferedReceipts, openSessions, endpointUrl, stdioEntries, serverHealth: knownHealth } = agent;
      const { certificateEndsAt, lostReceipts, refusedReceipts } = agent;
      const upkeep = { certificateEndsAt, lostReceipts, refusedReceipts };
      const known = { bufferedReceipts, openSessions, endpointUrl, stdioEntries, serverHealth: knownHealth, ...upkeep };
      const wasAway = getAgentStatus(agent, now) !== 'Connected';
      if (wasAway || !isDeepStrictEqual(known, shown)) m.signal('agent', agentId);
    },
    { audited: false },
  );
}

/** An agent of before says nothing of it. */
function toUpkeep({ upkeep }: z.output<typeof RecordHeartbeat>) {
  return {
    certificateEndsAt: upkeep?.certificateEndsAt ? new Date(upkeep.certificateEndsAt) : null,
    lostReceipts: Math.min(upkeep?.lostReceipts ?? 0, 2_147_483_647),
    refusedReceipts: Math.min(upkeep?.refusedReceipts ?? 0, 2_147_483_647),
  };
}

/** Reports on servers that are not at the agent's site are dropped, and the texts of the others redacted: a server may have written them. */
async function keepOwnServers({ tx }: Mutation, site: { tenantId: string; siteId: string }, reports: Reports) {
  if (reports.length === 0) return [];
  const rows = await tx.serverSite.findMany({ where: site, select: { serverId: true, server: { select: { transport: true } } } });
  const transports = new Map(rows.map(({ serverId, server }) => [serverId, server.transport]));
  return reports
    .filter(({ serverId }) => transports.has(serverId))
    .map((report) => ({
      ...report,
      error: report.error && createServerTextRedactor(transports.get(report.serverId))(report.error).slice(0, 300),
      protocolVersion: report.protocolVersion && redactText(report.protocolVersion),
    }));
}
