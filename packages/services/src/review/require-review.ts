import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { isPinned } from '@gatehouse/policy/documents/pinned-entry';

import { loadBearers } from '../approver/approvers.ts';
import { loadPeople, type People } from '../authors.ts';
import { createNotFoundError, ServiceError } from '../errors.ts';
import { lockServer } from '../server/require-server.ts';
import { buildSeenQuery } from '../snapshot/offered-entries.ts';
import { loadAsked } from './consent/asked.ts';
import type { ReviewFacts } from './decider.ts';

const REVIEW = {
  server: true,
  revision: { include: { entries: { orderBy: [{ kind: 'asc' }, { name: 'asc' }] } } },
  decisions: true,
} as const satisfies Prisma.ReviewInclude;

export type LoadedReview = Prisma.ReviewGetPayload<{ include: typeof REVIEW }>;

/** A review with its server, what its revision holds, and the decisions on it. Throws `not_found`, and `conflict` where it must not be read. */
export async function requireReview(tx: TenantTx, tenantId: string, reviewId: string): Promise<LoadedReview> {
  const review = await tx.review.findUnique({ where: { tenantId_id: { tenantId, id: reviewId } }, include: REVIEW });
  if (!review) throw createNotFoundError('review');
  refuseForged(review.revision.entries);
  return review;
}

/** The same for an act on it: nobody else acts on any review of its server until the transaction ends. */
export async function lockReview(tx: TenantTx, tenantId: string, reviewId: string): Promise<LoadedReview> {
  const { serverId } = await requireReview(tx, tenantId, reviewId);
  await lockServer(tx, tenantId, serverId);
  return requireReview(tx, tenantId, reviewId);
}

/**
 * A person decides on a text, and the decision stands on its pin: what is read here must be what has that pin, once for each name. The hub writes
 * these rows, and could add to them while the review is open.
 */
function refuseForged(entries: LoadedReview['revision']['entries']): void {
  const seen = new Set<string>();
  const forged = entries.find((entry) => !isPinned(entry) || seen.size === seen.add(toEntryKey(entry)).size);
  if (!forged) return;
  throw new ServiceError(
    'conflict',
    `What is stored of the ${forged.kind} "${forged.name}" is not what its server offered: the database was written to by something else. Nothing of this review can be decided. Discover the server again and decide the review that opens.`,
  );
}

/** True while what an owner decided alone has not been confirmed. */
export function isGlassBroken({
  breakGlassReason,
  confirmedAt,
}: Pick<LoadedReview, 'breakGlassReason' | 'confirmedAt'>): boolean {
  return breakGlassReason !== null && confirmedAt === null;
}

type Loaded = Pick<
  LoadedReview,
  'id' | 'tenantId' | 'serverId' | 'state' | 'proposedBy' | 'breakGlassReason' | 'confirmedAt' | 'consentedBy' | 'isSeconded'
>;

/** What the rules on who may decide ask about these reviews. */
export async function loadFactsOf(
  tx: TenantTx,
  tenantId: string,
  serverIds: readonly string[],
): Promise<(review: Loaded) => ReviewFacts> {
  const current = await listCurrentReviewIds(tx, tenantId, serverIds);
  const peopleOf = await loadPeople(tx, tenantId, { entityType: 'server', ids: serverIds, permission: 'review.decide' });
  const bearersOf = await loadBearers(tx, tenantId, 'server', serverIds);
  const askedOf = await loadAsked(tx, tenantId, serverIds);
  return (review) => ({
    ...keepBearers(peopleOf(review.serverId), bearersOf(review.serverId)),
    asked: askedOf(review.serverId, peopleOf(review.serverId)),
    hasConsent: review.consentedBy !== null,
    isSeconded: review.isSeconded,
    state: review.state,
    isCurrent: current.has(review.id),
    proposedBy: review.proposedBy,
    isGlassBroken: isGlassBroken(review),
  });
}

/** Where approvers are named, they alone of those who could decide. */
function keepBearers(people: People, bearers: ReadonlySet<string> | null): People & Pick<ReviewFacts, 'named'> {
  if (bearers === null) return { ...people, named: null };
  const deciders = people.deciders.filter(({ id }) => bearers.has(id));
  return { ...people, deciders, named: { others: people.deciders.filter(({ id }) => !bearers.has(id)) } };
}

/** The same about one, which is current also where agents take what it approved beside what a site has. */
export async function loadReviewFacts(tx: TenantTx, review: Loaded): Promise<ReviewFacts> {
  const facts = (await loadFactsOf(tx, review.tenantId, [review.serverId]))(review);
  return { ...facts, isCurrent: facts.isCurrent || (await isTaken(tx, review)) };
}

/** Of each server the reviews of what its sites have. */
async function listCurrentReviewIds(tx: TenantTx, tenantId: string, serverIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select v.id from server s join review v on v.tenant_id = s.tenant_id and v.server_id = s.id
    where s.tenant_id = ${tenantId}::uuid and s.id = any(${serverIds}::uuid[]) and ${IS_CURRENT}`;
  return new Set(rows.map(({ id }) => id));
}

/** Whether a review `v` of a server `s` is about what some site has, or the one that was opened last of what its upstream offers. */
export const IS_CURRENT = Prisma.sql`(
  v.revision_id in (select revision_id from (${buildSeenQuery()}) seen)
  or (exists (select from server_revision r where r.tenant_id = v.tenant_id and r.id = v.revision_id and r.number > s.former_revisions) and not exists (
    select from review newer
    where newer.tenant_id = v.tenant_id and newer.server_id = v.server_id and (newer.created_at, newer.id) > (v.created_at, v.id))))`;

/**
 * Whether an approval of a review stands, on which the same was said as on another text that some site has: agents may be told to take it, so it
 * has to be one that can be taken back.
 */
async function isTaken(tx: TenantTx, { tenantId, id }: Loaded): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ taken: boolean }[]>`
    select exists (
      select from review v
      join server s on s.tenant_id = v.tenant_id and s.id = v.server_id
      join entry_decision d on d.tenant_id = v.tenant_id and d.review_id = v.id and d.verdict = 'approved'
      join revision_entry e on e.tenant_id = d.tenant_id and e.kind = d.kind and e.name = d.name and e.pin <> d.pin
        and e.revision_id in (select revision_id from (${buildSeenQuery()}) seen)
      join entry_decision o on o.tenant_id = d.tenant_id and o.server_id = d.server_id and o.kind = e.kind and o.name = e.name and o.pin = e.pin
        and o.verdict = 'approved' and o.risk is not distinct from d.risk
        and o.log_arguments @> d.log_arguments and o.log_arguments <@ d.log_arguments
        and o.log_results @> d.log_results and o.log_results <@ d.log_results
      join server_revision r on r.tenant_id = v.tenant_id and r.id = v.revision_id and r.number > s.former_revisions
      where v.tenant_id = ${tenantId}::uuid and v.id = ${id}::uuid and v.state = 'decided' and not exists (
        select from entry_decision later join review w on w.tenant_id = later.tenant_id and w.id = later.review_id
        where later.tenant_id = d.tenant_id and later.server_id = d.server_id and later.kind = d.kind and later.name = d.name and later.pin = d.pin
          and later.verdict <> 'pending' and (w.decided_at, w.id) > (v.decided_at, v.id))
    ) as taken`;
  return row?.taken ?? false;
}

/**
 * Whether a review `v` of a server `s` waits: for a decision or, whatever of it stands already, for a second person, which is nobody's to be once some newer
 * one is what counts.
 */
export const IS_TO_DECIDE = Prisma.sql`s.archived_at is null
  and (v.state = 'open' or (v.state = 'decided' and v.proposed_by is not null and ${IS_CURRENT}))`;

/** Reviews that wait for a decision, or for a second person as long as some site has what they are about. */
export async function countReviewsToDecide(tx: TenantTx, tenantId: string): Promise<number> {
  const rows = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from review v join server s on s.tenant_id = v.tenant_id and s.id = v.server_id
    where v.tenant_id = ${tenantId}::uuid and ${IS_TO_DECIDE}`;
  return rows[0]?.count ?? 0;
}
