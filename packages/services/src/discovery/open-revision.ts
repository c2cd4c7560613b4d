import type { Discovery } from '@gatehouse/db/client';
import { contentHash } from '@gatehouse/policy/canonical';

import type { Mutation } from '../audit/mutate.ts';
import { declaredRisk } from '../review/declared-risk.ts';
import { approvalKey, type MadeDecision, standingDecisions } from '../snapshot/approved-tools.ts';
import { JsonObject, storableText } from '../storable.ts';
import type { PinnedTool } from './sort-tools.ts';

export interface Found {
  tenantId: string;
  now: Date;
  discovery: Discovery;
  found: {
    protocolVersion: string;
    serverInfo: { name: string; version: string; title?: string | undefined };
    instructions: string | null;
  };
  tools: readonly PinnedTool[];
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
  const { tenantId, now, discovery, tools } = found;
  const { serverId } = discovery;
  const hash = contentHash(tools.map(({ pin }) => pin).toSorted());
  const standing = await standingDecisions(tx, { tenantId, now, serverIds: [serverId] });
  const undecided = tools.some(({ name, pin }) => !standing.has(approvalKey({ serverId, toolName: name, pin })));

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

async function createRevision(
  { tx }: Mutation,
  { tenantId, now, discovery, found, tools }: Found,
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
      serverId: discovery.serverId,
      number: made.number,
      createdAt: now,
      contentHash: made.hash,
      protocolVersion: storableText(found.protocolVersion),
      serverInfo,
      instructions: found.instructions === null ? null : storableText(found.instructions),
    },
  });
  await tx.revisionTool.createMany({
    data: tools.map((tool) => ({ tenantId, revisionId: revision.id, ...tool, definition: JsonObject.parse(tool.definition) })),
  });
  return revision;
}

/** Decisions that stand are carried over to be seen; only deciding the review makes them count again. */
async function openReview(
  { tx }: Mutation,
  { tenantId, now, discovery, tools }: Found,
  revisionId: string,
  standing: ReadonlyMap<string, MadeDecision>,
): Promise<string> {
  const { serverId, requestedBy } = discovery;
  const review = await tx.review.create({ data: { tenantId, serverId, revisionId, requestedBy, createdAt: now } });
  await tx.toolDecision.createMany({
    data: tools.map(({ name, pin, definition }) => {
      const tool = { tenantId, reviewId: review.id, serverId, toolName: name, pin };
      const decision = standing.get(approvalKey({ serverId, toolName: name, pin }));
      if (!decision) return { ...tool, risk: declaredRisk(definition).risk };
      const { verdict, risk, logArguments, logResults, note, decidedBy, decidedAt } = decision;
      return { ...tool, verdict, risk, logArguments, logResults, note, decidedBy, decidedAt };
    }),
  });
  return review.id;
}
