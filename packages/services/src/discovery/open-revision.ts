import { hashContent } from '@gatehouse/policy/documents/canonical';
import type { CatalogueEntry } from '@gatehouse/policy/documents/catalogue-entry';
import type { Risk, ToolDefinition } from '@gatehouse/policy/documents/definition';
import { deriveNamedRisk } from '@gatehouse/policy/documents/named-risk';
import { getDeclaredRisk, pickGraverRisk } from '@gatehouse/policy/documents/risk';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';

import type { Mutation } from '../audit/mutate.ts';
import { type Decision, toPinnedKey, getStandingDecisions } from '../snapshot/offered-entries.ts';
import { JsonObject, toStorableText } from '../storable.ts';

/** What a server offers, by a discovery or by an imported description. */
export interface Found {
  tenantId: string;
  now: Date;
  serverId: string;
  /** who asked for it: does not approve its destructive tools */
  requestedBy: string;
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
  /** false: the newest revision already says the same */
  isNew: boolean;
  openReviewId: string | null;
}

/**
 * Makes a revision of what was found, unless the newest one holds the same definitions and nothing of it waits without a review. Opens a
 * review when a definition has no standing decision, and closes the older open ones. The caller holds the server's lock.
 */
export async function openRevision(mutation: Mutation, found: Found): Promise<OpenedRevision> {
  const { tx } = mutation;
  const { tenantId, now, serverId, entries } = found;
  const hash = hashRevision(found);
  const standing = await getStandingDecisions(tx, { tenantId, now, serverId, pins: entries.map(({ pin }) => pin) });
  const undecided = entries.some((entry) => !standing.has(toPinnedKey({ serverId, ...entry })));

  const newest = await tx.serverRevision.findFirst({
    where: { tenantId, serverId },
    orderBy: { number: 'desc' },
    include: { reviews: { where: { state: 'open' } } },
  });
  const openReviewId = newest?.reviews[0]?.id ?? null;
  if (newest?.contentHash === hash && (!undecided || openReviewId)) {
    return { revisionId: newest.id, number: newest.number, isNew: false, openReviewId };
  }
  const revision = await createRevision(mutation, found, { number: (newest?.number ?? 0) + 1, hash });
  await tx.review.updateMany({ where: { tenantId, serverId, state: 'open' }, data: { state: 'superseded' } });
  const reviewId = undecided ? await openReview(mutation, found, revision.id, standing) : null;
  return { revisionId: revision.id, number: revision.number, isNew: true, openReviewId: reviewId };
}

/** One definition may stand for a tool at first and for a prompt later, with the same pin: only kind and pin together name an entry. */
function hashRevision({ found, entries }: Found): string {
  return hashContent({ entries: entries.map(({ kind, pin }) => `${kind} ${pin}`).toSorted(), features: found.features });
}

async function createRevision(
  { tx }: Mutation,
  { tenantId, now, serverId, found, entries }: Found,
  made: { number: number; hash: string },
) {
  const { name, version, title } = found.serverInfo;
  const serverInfo = {
    name: toStorableText(name),
    version: toStorableText(version),
    ...(title ? { title: toStorableText(title) } : {}),
  };
  const revision = await tx.serverRevision.create({
    data: {
      tenantId,
      serverId,
      number: made.number,
      createdAt: now,
      contentHash: made.hash,
      protocolVersion: toStorableText(found.protocolVersion),
      serverInfo,
      features: ServerFeatures.parse(found.features),
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
      const { verdict, risk, logArguments, logResults, note, decidedBy, decidedAt } = decision;
      return { ...about, verdict, risk, logArguments, logResults, note, decidedBy, decidedAt };
    }),
  });
  return review.id;
}

function getApparentRisk(definition: ToolDefinition): Risk {
  return pickGraverRisk(getDeclaredRisk(definition).risk, deriveNamedRisk(definition));
}
