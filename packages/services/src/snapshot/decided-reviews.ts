import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { loadAuthors } from '../authors.ts';
import { listRolesOf } from '../authz.ts';
import { type HandsAt, isSomebodyElse, listMembersAt, loadHands } from '../hands.ts';
import { buildActCondition } from './acts.ts';

/** A review that an act in the log decided, and another one confirmed if it was. */
interface DecidedReview {
  id: string;
  serverId: string;
  auditId: string;
  decidedBy: string;
  decidedAt: Date;
  takesTwo: boolean;
  /** an owner has decided alone */
  isGlassBroken: boolean;
  /** of before the rule, or what an owner decided alone, for as long as the act says */
  standsAlone: boolean;
  /** when what an owner decided alone ends by itself */
  endsAt: Date | null;
  confirmedBy: string | null;
  confirmedAt: Date | null;
}

/** The act that decided a review. */
export interface DecidingAct {
  auditId: string;
  /** of what an owner decided alone: when it ends by itself, also at an agent that hears of nothing; null: it is of as many as it takes */
  endsAt: Date | null;
}

/**
 * Of these reviews those that people decided, as many as it takes: the act of each, by id. People are told apart as the verbs do it, as of
 * their acts: neither who brought in anything of the server by then, nor who may be such a one by another account, has approved.
 */
export async function listDecidedReviews(
  tx: TenantTx,
  tenantId: string,
  reviewIds: readonly string[],
): Promise<ReadonlyMap<string, DecidingAct>> {
  const reviews = await listReviewActs(tx, tenantId, reviewIds);
  const open = reviews.filter(({ standsAlone }) => !standsAlone);
  const isByEnough = await loadPeopleRule(tx, tenantId, open);
  const decided = reviews.filter((review) => review.standsAlone || isByEnough(review));
  return new Map(decided.map(({ id, auditId, endsAt }) => [id, { auditId, endsAt }]));
}

/** The second act is of another person than the first, and names that very act. */
async function listReviewActs(tx: TenantTx, tenantId: string, reviewIds: readonly string[]): Promise<DecidedReview[]> {
  const isGlass = Prisma.sql`coalesce((act.after ->> 'breakGlass')::boolean, false)`;
  const isAlone = Prisma.sql`(${isGlass} and v.valid_until <= (act.after ->> 'validUntil')::timestamptz)`;
  return tx.$queryRaw<DecidedReview[]>`
    select v.id, v.server_id as "serverId", act.id as "auditId", act.actor_id as "decidedBy", act.at as "decidedAt",
      coalesce(act.after ->> 'takesTwo' <> 'false', false) as "takesTwo", ${isGlass} as "isGlassBroken",
      (act.after -> 'takesTwo' is null or ${isAlone}) as "standsAlone", case when ${isAlone} then v.valid_until end as "endsAt",
      second.actor_id as "confirmedBy", greatest(second.at, act.at) as "confirmedAt"
    from review v
    join admin_audit act on act.tenant_id = v.tenant_id and act.id = v.audit_id
    left join admin_audit second on second.tenant_id = v.tenant_id and second.id = v.confirm_audit_id
      and second.actor_kind = 'person' and second.action = 'review.confirm' and second.entity_id = v.id::text
      and second.after ->> 'decision' = act.id::text and second.actor_id <> act.actor_id
    where v.tenant_id = ${tenantId}::uuid and v.id = any(${reviewIds}::uuid[])
      and ${buildActCondition(Prisma.sql`v`, { action: 'review.decide', entityId: Prisma.sql`v.id` })}`;
}

/** Whether a decision is of people who may decide on the server, and of two where it takes two. An owner who breaks the glass may be an author. */
async function loadPeopleRule(
  tx: TenantTx,
  tenantId: string,
  reviews: readonly DecidedReview[],
): Promise<(review: DecidedReview) => boolean> {
  if (reviews.length === 0) return () => false;
  const authorsOf = await loadAuthors(tx, tenantId, {
    entityType: 'server',
    ids: [...new Set(reviews.map(({ serverId }) => serverId))],
  });
  const acts = reviews.flatMap(listActs);
  const mayDecide = (role: string) => listRolesOf('review.decide').some((permitted) => permitted === role);
  const members = (await listMembersAt(tx, tenantId, acts)).filter(({ role }) => mayDecide(role));
  const find = ({ membershipId: id, at }: HandsAt) =>
    members.find((member) => member.id === id && member.at.getTime() === at.getTime());
  // all that are compared with each other, at the time of each act
  const compared = reviews.flatMap((review) =>
    listActs(review).flatMap(({ at }) =>
      [...listActs(review), ...authorsOf(review.serverId).map(({ id }) => ({ membershipId: id }))].map((each) => ({
        ...each,
        at,
      })),
    ),
  );
  const handsAt = await loadHands(tx, tenantId, compared);
  return (review) => {
    const [first, second] = listActs(review).map(find);
    const isFree = (member: typeof first) =>
      member !== undefined &&
      isSomebodyElse(
        handsAt(member.at),
        member,
        authorsOf(review.serverId).filter(({ since }) => since <= member.at),
      );
    if (!first || !(review.isGlassBroken || isFree(first))) return false;
    return !review.takesTwo || (second !== undefined && isFree(second) && isSomebodyElse(handsAt(second.at), second, [first]));
  };
}

function listActs({ decidedBy, decidedAt, confirmedBy, confirmedAt }: DecidedReview): HandsAt[] {
  const second = confirmedBy !== null && confirmedAt !== null ? [{ membershipId: confirmedBy, at: confirmedAt }] : [];
  return [{ membershipId: decidedBy, at: decidedAt }, ...second];
}
