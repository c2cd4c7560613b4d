import { type AgentFacts, getAgentStatus, type AgentStatus } from '../agent/status.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { MOST_BESIDE } from '../list/find-page.ts';
import { CONFIRMED, KEEPS_LOG } from './confirmed.ts';

export interface RevocationReach {
  /** the place that was given last: whoever has confirmed it has the whole log */
  lastSeq: number;
  /** when the worker last signed that these are all; null before the first time */
  asOf: Date | null;
  /** agents that are not revoked */
  total: number;
  /** of them: those that keep the log */
  keeping: number;
  /** of them: those that have confirmed the whole log */
  complete: number;
  /** those that know least first, each by name; the first of them */
  agents: RevocationHolder[];
}

/** How far the log has come to one agent. */
export interface RevocationHolder {
  id: string;
  name: string;
  siteName: string;
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
    const lastSeq = head?.lastSeq ?? 0;
    const ranked = await tx.$queryRaw<(Holder & Counts)[]>`
      select held.*, count(*) over ()::int as total, (count(*) filter (where "keepsLog") over ())::int as keeping,
        (count(*) filter (where "keepsLog" and confirmed >= ${lastSeq}) over ())::int as complete
      from (
        select a.id, a.name, s.name as "siteName", a.revoked_at as "revokedAt", a.quarantined_at as "quarantinedAt",
          a.last_seen_at as "lastSeenAt", ${KEEPS_LOG} as "keepsLog", a.revocations_at as "confirmedAt", ${CONFIRMED} as confirmed
        from agent a
        join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
        left join revocation_root r on r.tenant_id = a.tenant_id and r.root = a.revocation_root
        where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null
      ) held
      order by "keepsLog", confirmed nulls first, name, id limit ${MOST_BESIDE}`;
    const [{ total, keeping, complete } = { total: 0, keeping: 0, complete: 0 }] = ranked;
    return {
      lastSeq,
      asOf: head?.asOf ?? null,
      total,
      keeping,
      complete,
      agents: ranked.map(({ revokedAt, quarantinedAt, total: _total, keeping: _keeping, complete: _complete, ...agent }) => ({
        ...agent,
        status: getAgentStatus({ revokedAt, quarantinedAt, lastSeenAt: agent.lastSeenAt }, now),
      })),
    };
  });
}

type Counts = Pick<RevocationReach, 'total' | 'keeping' | 'complete'>;
type Holder = Omit<RevocationHolder, 'status'> & Pick<AgentFacts, 'revokedAt' | 'quarantinedAt'>;
