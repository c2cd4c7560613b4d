import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import type { Actor } from '../context.ts';
import { mayConsent } from '../owner/asked.ts';
import { getPersonNames } from '../person-names.ts';
import { isDecidable, mayApprove, mayBreakGlass, mayConfirm, mayDecide, type ReviewFacts } from '../review/decider.ts';
import { IS_CURRENT, loadFactsOf } from '../review/require-review.ts';
import { buildNotice } from '../sql.ts';
import { buildNeed, ENDED_NOTICE_MS, MOST_OF_KIND, type Need, type NeedGroup, type NeedKind } from './needs.ts';

type ReviewKind = Extract<
  NeedKind,
  'change_held' | 'review_open' | 'second_person' | 'consent_missing' | 'break_glass' | 'approval_ending'
>;

interface ReviewRow {
  id: string;
  tenantId: string;
  serverId: string;
  serverName: string;
  kind: ReviewKind;
  state: ReviewFacts['state'];
  createdAt: Date;
  decidedAt: Date | null;
  validUntil: Date | null;
  proposedBy: string | null;
  proposedAt: Date | null;
  breakGlassReason: string | null;
  confirmedAt: Date | null;
  consentedBy: string | null;
  isSeconded: boolean;
  /** who decided alone */
  decidedBy: string | null;
  names: string[];
  many: number;
  total: number;
}

export interface ReviewNeeds {
  groups: Map<NeedKind, NeedGroup>;
  /** reviews that wait, and that a rule keeps from the one who asks */
  notTheirs: number;
}

/**
 * Reviews that wait for a decision, for a second person or for the confirmation of a break-glass, and approvals that end. Of each kind the oldest are
 * weighed, and one that the rules keep from the one who asks is somebody else's: an author's own above all. The others of a kind are only counted.
 */
export async function listReviewNeeds(
  tx: TenantTx,
  actor: Actor,
  { tenantId, now }: { tenantId: string; now: Date },
): Promise<ReviewNeeds> {
  const rows = await queryReviews(tx, { tenantId, now });
  const factsOf = await loadFactsOf(tx, tenantId, [...new Set(rows.map(({ serverId }) => serverId))]);
  const names = await getPersonNames(
    tx,
    tenantId,
    rows.flatMap(({ proposedBy, decidedBy }) => [proposedBy, decidedBy]),
  );
  const groups = new Map<NeedKind, NeedGroup>();
  let notTheirs = 0;
  for (const [kind, found] of Map.groupBy(rows, (row) => row.kind)) {
    const theirs = found.filter((row) => mayAct(actor, kind, factsOf(row)));
    const kept = found.length - theirs.length;
    notTheirs += kept;
    const needs = theirs.map((row) => toReviewNeed(row, (id) => names.get(id).name));
    groups.set(kind, { needs, total: (found[0]?.total ?? 0) - kept });
  }
  return { groups, notTheirs };
}

/** Approves, confirms or, where nobody else could, decides alone. */
function mayAct(actor: Actor, kind: ReviewKind, facts: ReviewFacts): boolean {
  if (kind === 'second_person' || kind === 'break_glass') return mayConfirm(actor, facts).ok;
  if (kind === 'consent_missing') return isDecidable(facts).ok && mayConsent(actor, facts).ok;
  // what ends is looked at and decided anew, in a review that will be open
  const then: ReviewFacts = kind === 'approval_ending' ? { ...facts, state: 'open' } : facts;
  return mayDecide(actor, then).ok && (mayApprove(actor, then).ok || mayBreakGlass(actor, then).ok);
}

function toReviewNeed(row: ReviewRow, nameOf: (membershipId: string) => string): Need {
  const { id, kind, serverName, names, many, createdAt, proposedAt, decidedAt, validUntil } = row;
  const about = { kind, id, subject: serverName, path: `/reviews/${id}` };
  switch (kind) {
    case 'change_held':
    case 'review_open':
      return buildNeed({ ...about, since: createdAt, names, many });
    case 'second_person':
    case 'consent_missing':
      return buildNeed({ ...about, since: proposedAt, place: row.proposedBy && nameOf(row.proposedBy) });
    case 'break_glass':
      return buildNeed({
        ...about,
        since: decidedAt,
        until: validUntil,
        place: row.decidedBy && nameOf(row.decidedBy),
        reason: row.breakGlassReason,
      });
    case 'approval_ending':
      return buildNeed({ ...about, until: validUntil, many });
  }
}

/** Of each kind the oldest, with how many there are. What a change holds is what was approved in another definition before. */
function queryReviews(tx: TenantTx, { tenantId, now }: { tenantId: string; now: Date }): Promise<ReviewRow[]> {
  const since = new Date(now.getTime() - ENDED_NOTICE_MS);
  const isEnding = Prisma.sql`(v.valid_until > ${since} and v.valid_until <= ${now}::timestamptz + ${buildNotice(Prisma.sql`v.decided_at`, Prisma.sql`v.valid_until`)})`;
  const held = Prisma.sql`
    select count(*)::int as many, coalesce((array_agg(name order by name))[1:3], '{}') as names from (
      select distinct d.name from entry_decision d
      join entry_decision before on before.tenant_id = d.tenant_id and before.server_id = d.server_id and before.kind = d.kind
        and before.name = d.name and before.verdict = 'approved'
      join review w on w.tenant_id = before.tenant_id and w.id = before.review_id and w.decided_at is not null
      where d.tenant_id = v.tenant_id and d.review_id = v.id and d.verdict = 'pending' and v.state = 'open'
      group by d.kind, d.name, d.pin having bool_and(before.pin <> d.pin)
    ) changed`;
  return tx.$queryRaw<ReviewRow[]>`
    select *, case kind when 'approval_ending' then approved else changed end as many from (
      select waiting.*, (count(*) over (partition by kind))::int as total,
        (row_number() over (partition by kind order by "validUntil" nulls last, "createdAt", id))::int as rank
      from (
        select v.id, v.tenant_id as "tenantId", v.server_id as "serverId", s.name as "serverName", v.state, v.created_at as "createdAt",
          v.decided_at as "decidedAt", v.valid_until as "validUntil", v.proposed_by as "proposedBy", v.proposed_at as "proposedAt",
          v.break_glass_reason as "breakGlassReason", v.confirmed_at as "confirmedAt", v.consented_by as "consentedBy", v.is_seconded as "isSeconded", act.actor_id as "decidedBy", held.names,
          held.many as changed, standing.approved,
          case
            when v.state = 'open' and v.proposed_by is null then case when held.many > 0 then 'change_held' else 'review_open' end
            when v.break_glass_reason is not null and v.confirmed_at is null and v.valid_until > ${now} then 'break_glass'
            when v.proposed_by is not null and v.is_seconded and v.state in ('open', 'decided') then 'consent_missing'
            when v.proposed_by is not null and v.state in ('open', 'decided') then 'second_person'
            when ${isEnding} then 'approval_ending'
          end as kind
        from review v
        join server s on s.tenant_id = v.tenant_id and s.id = v.server_id
        left join admin_audit act on act.tenant_id = v.tenant_id and act.id = v.audit_id and v.break_glass_reason is not null
        cross join lateral (${held}) held
        cross join lateral (
          select count(*)::int as approved from entry_decision d
          where d.tenant_id = v.tenant_id and d.review_id = v.id and d.verdict = 'approved' and v.state <> 'open'
        ) standing
        where v.tenant_id = ${tenantId}::uuid and s.archived_at is null and (
          v.state = 'open'
          or (v.state = 'decided' and v.break_glass_reason is not null and v.confirmed_at is null and v.valid_until > ${now})
          or (v.state = 'decided' and v.proposed_by is not null and ${IS_CURRENT})
          or (v.state in ('decided', 'expired') and ${isEnding} and s.disabled_at is null
            and not exists (
              select from review later
              where later.tenant_id = v.tenant_id and later.server_id = v.server_id and later.state <> 'superseded'
                and (later.state = 'open' or (later.decided_at, later.id) > (v.decided_at, v.id)))))
      ) waiting
      where kind <> 'approval_ending' or approved > 0
    ) ranked
    where rank <= ${MOST_OF_KIND}::int
    order by kind, rank`;
}
