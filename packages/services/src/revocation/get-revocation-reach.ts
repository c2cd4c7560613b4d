import { type AgentFacts, getAgentStatus, type AgentStatus } from '../agent/status.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';

export interface RevocationReach {
  /** the place that was given last: whoever has confirmed it has the whole log */
  lastSeq: number;
  /** when the worker last signed that these are all; null before the first time */
  asOf: Date | null;
  /** those that are not revoked, by name */
  agents: RevocationHolder[];
}

/** How far the log has come to one agent. */
export interface RevocationHolder {
  id: string;
  name: string;
  siteSlug: string;
  status: AgentStatus;
  lastSeenAt: Date | null;
  /** false: a version without a log of its own, which knows of a revocation by its next configuration */
  keepsLog: boolean;
  /** place up to which it surely has every entry, by the root that it named; null: it named none that this log had lately */
  confirmed: number | null;
  confirmedAt: Date | null;
}

/** Which agents have how much of the tenant's revocation log, as each has confirmed it. */
export async function getRevocationReach({ ctx }: { ctx: ServiceContext }): Promise<RevocationReach> {
  authorize(ctx, 'revocation.read');
  const { tenantId, runtime } = ctx;
  const now = runtime.now();
  return read(ctx, async (tx) => {
    const head = await tx.revocationHead.findUnique({ where: { tenantId }, select: { lastSeq: true, asOf: true } });
    const agents = await tx.$queryRaw<Holder[]>`
      select a.id, a.name, s.slug as "siteSlug", a.revoked_at as "revokedAt", a.quarantined_at as "quarantinedAt",
        a.last_seen_at as "lastSeenAt", 'revocations' = any(a.features) as "keepsLog", a.revocations_at as "confirmedAt",
        coalesce(r.seq, case when a.revocation_count = 0 then 0 end) as confirmed
      from agent a
      join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
      left join revocation_root r on r.tenant_id = a.tenant_id and r.root = a.revocation_root
      where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null
      order by a.name, a.id`;
    return {
      lastSeq: head?.lastSeq ?? 0,
      asOf: head?.asOf ?? null,
      agents: agents.map(({ revokedAt, quarantinedAt, ...agent }) => ({
        ...agent,
        status: getAgentStatus({ revokedAt, quarantinedAt, lastSeenAt: agent.lastSeenAt }, now),
      })),
    };
  });
}

type Holder = Omit<RevocationHolder, 'status'> & Pick<AgentFacts, 'revokedAt' | 'quarantinedAt'>;
