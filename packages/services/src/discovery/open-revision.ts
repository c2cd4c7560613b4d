import type { ServerRevision } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import type { CatalogueEntry } from '@gatehouse/policy/documents/catalogue-entry';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';
import { getApparentRisk } from '@gatehouse/policy/names/named-risk';

import type { Mutation } from '../audit/mutate.ts';
import { redactText } from '../redact-text.ts';
import { buildSeenQuery, type Decision, toPinnedKey, getStandingDecisions } from '../snapshot/offered-entries.ts';
import { JsonObject } from '../storable.ts';
import { keepKnownTexts, type KnownTexts } from './keep-known-texts.ts';

/** What a server offers, by a discovery, an imported description, or as an agent sees it. */
export interface Found {
  tenantId: string;
  now: Date;
  serverId: string;
  /** who asked for it: does not approve its destructive tools. Null: nobody, an agent saw it of its own accord */
  requestedBy: string | null;
  /** the agent that goes on watching it at its site; null: nobody does */
  watch: { siteId: string; agentId: string } | null;
  found: {
    protocolVersion: string;
    serverInfo: { name: string; version: string; title?: string | undefined };
    features: ServerFeatures;
  };
  entries: readonly CatalogueEntry[];
}

export interface OpenedRevision {
  revisionId: string;
  number: number;
  /** false: a revision that counts already says the same */
  isNew: boolean;
  /** false: everything is as it was */
  isChange: boolean;
  openReviewId: string | null;
}

/**
 * Makes a revision of what was found, unless one that counts at some site holds the same definitions and nothing of it waits without a review.
 * Opens a review when a definition has no standing decision, and closes those of revisions that no site has any more. The caller holds the
 * server's lock.
 */
export async function openRevision(mutation: Mutation, asFound: Found): Promise<OpenedRevision> {
  const { tx } = mutation;
  const { tenantId, now, serverId } = asFound;
  const server = { tenantId, now, serverId, siteId: asFound.watch?.siteId };
  const { entries, otherPins } = await keepKnownTexts(tx, server, asFound.entries);
  const found = { ...asFound, entries, otherPins };
  const hash = hashRevision(found);
  const standing = await getStandingDecisions(tx, { tenantId, now, serverId, pins: entries.map(({ pin }) => pin) });
  const undecided = entries.some((entry) => !standing.has(toPinnedKey({ serverId, ...entry })));

  const newest = await tx.serverRevision.findFirst({ where: { tenantId, serverId }, orderBy: { number: 'desc' } });
  const { formerRevisions } = await tx.server.findUniqueOrThrow({
    where: { tenantId_id: { tenantId, id: serverId } },
    select: { formerRevisions: true },
  });
  const known = await findKnown(tx, found, hash, formerRevisions);
  if (known && (!undecided || known.openReviewId)) {
    const { id: revisionId, number, openReviewId } = known;
    const isChange = await settleRevision(tx, found, known);
    return { revisionId, number, isNew: false, isChange, openReviewId };
  }
  const revision = await createRevision(mutation, found, {
    // above what another upstream offered, also where that was forgotten meanwhile
    number: Math.max(newest?.number ?? 0, formerRevisions) + 1,
    hash,
  });
  await settleRevision(tx, found, revision);
  const reviewId = undecided ? await openReview(mutation, found, revision.id, standing) : null;
  return { revisionId: revision.id, number: revision.number, isNew: true, isChange: true, openReviewId: reviewId };
}

type Known = Pick<ServerRevision, 'id' | 'number' | 'isDrift'> & { openReviewId: string | null };

/** The newest revision with this content among those that count: what agents see, and what somebody asked for last. */
async function findKnown(
  tx: TenantTx,
  { tenantId, serverId, watch }: Found,
  contentHash: string,
  formerRevisions: number,
): Promise<Known | null> {
  const number = { gt: formerRevisions };
  const asked = await tx.serverRevision.findFirst({
    where: { tenantId, serverId, isDrift: false, number },
    orderBy: { number: 'desc' },
    select: { id: true },
  });
  const known = await tx.serverRevision.findFirst({
    where: {
      tenantId,
      serverId,
      contentHash,
      number,
      // where nobody watches, only the newest that was asked for counts
      OR: [...(watch ? [{ observations: { some: {} } }] : []), ...(asked ? [asked] : [])],
    },
    orderBy: { number: 'desc' },
    include: { reviews: { where: { state: 'open' }, select: { id: true } } },
  });
  return known && { id: known.id, number: known.number, isDrift: known.isDrift, openReviewId: known.reviews[0]?.id ?? null };
}

/** Notes where the revision counts, and closes the reviews of those that count nowhere any more. False when that was so before. */
async function settleRevision(
  tx: TenantTx,
  found: Found & Pick<KnownTexts, 'otherPins'>,
  revision: Pick<Known, 'id' | 'isDrift'>,
): Promise<boolean> {
  const { tenantId, serverId, requestedBy } = found;
  const { id: revisionId } = revision;
  const isAskedFor = revision.isDrift && requestedBy !== null;
  if (isAskedFor) {
    await tx.serverRevision.updateMany({ where: { tenantId, id: revisionId }, data: { isDrift: false } });
  }
  const isSeen = found.watch !== null && (await keepObservation(tx, found, { ...found.watch, revisionId }));
  const counting = await tx.$queryRaw<{ id: string }[]>`
    select distinct revision_id as id from server s cross join lateral (${buildSeenQuery()}) seen
    where s.tenant_id = ${tenantId}::uuid and s.id = ${serverId}::uuid and revision_id is not null`;
  const ids = [revisionId, ...counting.map(({ id }) => id)];
  await tx.review.updateMany({
    where: { tenantId, serverId, state: 'open', revisionId: { notIn: ids } },
    data: { state: 'superseded' },
  });
  return isAskedFor || isSeen;
}

/** False when the site was known to have this revision, and to list these other texts. */
async function keepObservation(
  tx: TenantTx,
  { tenantId, serverId, now: observedAt, entries, otherPins: found }: Found & Pick<KnownTexts, 'otherPins'>,
  { siteId, agentId, revisionId }: { siteId: string; agentId: string; revisionId: string },
): Promise<boolean> {
  const where = { tenantId_serverId_siteId: { tenantId, serverId, siteId } };
  const before = await tx.observation.findUnique({ where, select: { revisionId: true, otherPins: true } });
  const isSame = before?.revisionId === revisionId;
  const known = isSame ? before.otherPins : await keepOtherPins(tx, tenantId, before, entries);
  const otherPins = [...new Set([...known, ...found])].toSorted();
  const seen = { revisionId, agentId, observedAt, otherPins };
  await tx.observation.upsert({ where, create: { tenantId, serverId, siteId, ...seen }, update: seen });
  return !isSame || otherPins.length > known.length;
}

/** Of other texts that a site was known to list those beside which it has the same text as before. */
async function keepOtherPins(
  tx: TenantTx,
  tenantId: string,
  before: { revisionId: string; otherPins: string[] } | null,
  entries: readonly CatalogueEntry[],
): Promise<string[]> {
  if (before === null || before.otherPins.length === 0) return [];
  const rows = await tx.$queryRaw<{ pin: string }[]>`
    select distinct other.pin from revision_entry other
    join revision_entry was on was.tenant_id = other.tenant_id and was.kind = other.kind and was.name = other.name
    where other.tenant_id = ${tenantId}::uuid and other.pin = any(${before.otherPins}::text[])
      and was.revision_id = ${before.revisionId}::uuid and was.pin = any(${entries.map(({ pin }) => pin)}::text[])`;
  return rows.map(({ pin }) => pin);
}

/** One definition may stand for a tool at first and for a prompt later, with the same pin: only kind and pin together name an entry. */
function hashRevision({ found, entries }: Found): string {
  return hashContent({ entries: entries.map(({ kind, pin }) => `${kind} ${pin}`).toSorted(), features: found.features });
}

async function createRevision(
  { tx }: Mutation,
  { tenantId, now, serverId, requestedBy, found, entries }: Found,
  made: { number: number; hash: string },
) {
  const { name, version, title } = found.serverInfo;
  const serverInfo = {
    name: redactText(name),
    version: redactText(version),
    ...(title ? { title: redactText(title) } : {}),
  };
  const revision = await tx.serverRevision.create({
    data: {
      tenantId,
      serverId,
      number: made.number,
      createdAt: now,
      contentHash: made.hash,
      protocolVersion: redactText(found.protocolVersion),
      serverInfo,
      features: ServerFeatures.parse(found.features),
      isDrift: requestedBy === null,
    },
  });
  await tx.revisionEntry.createMany({
    data: entries.map((entry) => ({
      tenantId,
      revisionId: revision.id,
      ...entry,
      definition: JsonObject.parse(entry.definition),
    })),
  });
  return revision;
}

/** Decisions that stand are carried over to be seen; only deciding the review makes them count again. */
async function openReview(
  { tx }: Mutation,
  { tenantId, now, serverId, requestedBy, entries }: Found,
  revisionId: string,
  standing: ReadonlyMap<string, Decision>,
): Promise<string> {
  const review = await tx.review.create({ data: { tenantId, serverId, revisionId, requestedBy, createdAt: now } });
  await tx.entryDecision.createMany({
    data: entries.map((entry) => {
      const { kind, name, pin } = entry;
      const about = { tenantId, reviewId: review.id, serverId, kind, name, pin };
      const decision = standing.get(toPinnedKey(about));
      if (!decision) return { ...about, risk: entry.kind === 'tool' ? getApparentRisk(entry.definition) : null };
      const { verdict, risk, logArguments, logResults, ignored, note, decidedBy, decidedAt } = decision;
      return { ...about, verdict, risk, logArguments, logResults, ignored, note, decidedBy, decidedAt };
    }),
  });
  return review.id;
}
