import { contentHash } from '@gatehouse/policy/documents/canonical';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';

import type { Mutation } from '../audit/mutate.ts';
import { declaredRisk } from '../review/declared-risk.ts';
import { itemKey, type MadeItemDecision, standingItemDecisions } from '../snapshot/approved-items.ts';
import { approvalKey, type MadeDecision, standingDecisions } from '../snapshot/approved-tools.ts';
import { JsonObject, storableText } from '../storable.ts';
import type { PinnedItem } from './sort-items.ts';
import type { PinnedTool } from './sort-tools.ts';

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
    instructions: string | null;
    features: ServerFeatures;
  };
  tools: readonly PinnedTool[];
  /** prompts, resources and resource templates */
  items: readonly PinnedItem[];
}

interface Standing {
  tools: ReadonlyMap<string, MadeDecision>;
  items: ReadonlyMap<string, MadeItemDecision>;
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
  const { tenantId, now, serverId, tools, items } = found;
  const hash = hashOf(found);
  const which = { tenantId, now, serverIds: [serverId] };
  const standing = { tools: await standingDecisions(tx, which), items: await standingItemDecisions(tx, which) };
  const undecided =
    tools.some(({ name, pin }) => !standing.tools.has(approvalKey({ serverId, toolName: name, pin }))) ||
    items.some((item) => !standing.items.has(itemKey({ serverId, ...item })));

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

function hashOf({ found, tools, items }: Found): string {
  const pins = [...tools, ...items].map(({ pin }) => pin).toSorted();
  const anyFeature = Object.values(found.features).some(Boolean);
  return contentHash(anyFeature ? [...pins, found.features] : pins);
}

async function createRevision(
  { tx }: Mutation,
  { tenantId, now, serverId, found, tools, items }: Found,
  made: { number: number; hash: string },
) {
  const { name, version, title } = found.serverInfo;
  const serverInfo = {
    name: storableText(name),
    version: storableText(version),
    ...(title ? { title: storableText(title) } : {}),
  };
  const revision = await tx.serverRevision.create({
    data: {
      tenantId,
      serverId,
      number: made.number,
      createdAt: now,
      contentHash: made.hash,
      protocolVersion: storableText(found.protocolVersion),
      serverInfo,
      instructions: found.instructions === null ? null : storableText(found.instructions),
      features: ServerFeatures.parse(found.features),
    },
  });
  await tx.revisionTool.createMany({
    data: tools.map((tool) => ({ tenantId, revisionId: revision.id, ...tool, definition: JsonObject.parse(tool.definition) })),
  });
  await tx.revisionItem.createMany({
    data: items.map((item) => ({ tenantId, revisionId: revision.id, ...item, definition: JsonObject.parse(item.definition) })),
  });
  return revision;
}

/** Decisions that stand are carried over to be seen; only deciding the review makes them count again. */
async function openReview(
  { tx }: Mutation,
  { tenantId, now, serverId, requestedBy, tools, items }: Found,
  revisionId: string,
  standing: Standing,
): Promise<string> {
  const review = await tx.review.create({ data: { tenantId, serverId, revisionId, requestedBy, createdAt: now } });
  await tx.toolDecision.createMany({
    data: tools.map(({ name, pin, definition }) => {
      const tool = { tenantId, reviewId: review.id, serverId, toolName: name, pin };
      const decision = standing.tools.get(approvalKey({ serverId, toolName: name, pin }));
      if (!decision) return { ...tool, risk: declaredRisk(definition).risk };
      const { verdict, risk, logArguments, logResults, note, decidedBy, decidedAt } = decision;
      return { ...tool, verdict, risk, logArguments, logResults, note, decidedBy, decidedAt };
    }),
  });
  await tx.itemDecision.createMany({
    data: items.map(({ kind, name, pin }) => {
      const item = { tenantId, reviewId: review.id, serverId, kind, name, pin };
      const decision = standing.items.get(itemKey(item));
      if (!decision) return item;
      const { verdict, note, decidedBy, decidedAt } = decision;
      return { ...item, verdict, note, decidedBy, decidedAt };
    }),
  });
  return review.id;
}
