import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';
import { toEntryKey, type EntryRef } from '@gatehouse/policy/documents/catalogue-entry';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';

import { AddressId } from '../address.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { mayApproveDestructive, mayDecide, type Permitted } from './decider.ts';
import { getPreviousDecisions } from './previous-decisions.ts';
import { requireReview, listNewestReviewIds } from './require-review.ts';
import { type ReviewEntryView, toReviewEntryView } from './review-entry-view.ts';

export const GetReview = z.strictObject({ reviewId: AddressId });
export type GetReview = z.input<typeof GetReview>;

export interface ReviewDetail {
  review: {
    id: string;
    state: 'open' | 'decided' | 'superseded' | 'expired';
    createdAt: Date;
    decidedAt: Date | null;
    validUntil: Date | null;
    revision: {
      id: string;
      number: number;
      protocolVersion: string;
      serverInfo: Prisma.JsonValue;
      features: ServerFeatures;
    };
  };
  server: { id: string; slug: string; name: string; purpose: string; transport: Prisma.JsonValue; createdBy: PersonName };
  requestedBy: PersonName;
  canDecide: Permitted;
  /** told before anyone tries; the refusal says the same */
  canApproveDestructive: Permitted;
  /** ordered by kind and name */
  entries: ReviewEntryView[];
  /** decided on before and no longer offered */
  removed: EntryRef[];
}

/** One review with everything that is needed to decide it. Throws `not_found`. */
export async function getReview({ ctx, input }: { ctx: ServiceContext; input: GetReview }): Promise<ReviewDetail> {
  authorize(ctx, 'review.read');
  const { reviewId } = parseInput(GetReview, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const review = await requireReview(tx, tenantId, reviewId);
    const { server, revision, decisions } = review;
    const previous = await getPreviousDecisions(tx, review);
    const newest = await listNewestReviewIds(tx, tenantId, [server.id]);
    const names = await getPersonNames(tx, tenantId, [
      server.createdBy,
      review.requestedBy,
      ...decisions.map(({ decidedBy }) => decidedBy),
    ]);
    const decisionOf = new Map(decisions.map((decision) => [toEntryKey(decision), decision]));
    const offered = new Set(revision.entries.map(toEntryKey));
    const entries = revision.entries.flatMap((entry) => {
      const decision = decisionOf.get(toEntryKey(entry));
      return decision ? [toReviewEntryView(entry, decision, previous.get(toEntryKey(entry)), (person) => names.get(person))] : [];
    });
    const removed = [...previous].filter(([key]) => !offered.has(key)).map(([, { kind, name }]) => ({ kind, name }));
    const { id, slug, name, purpose, transport } = server;
    return {
      review: {
        id: review.id,
        state: review.state,
        createdAt: review.createdAt,
        decidedAt: review.decidedAt,
        validUntil: review.validUntil,
        revision: {
          id: revision.id,
          number: revision.number,
          protocolVersion: revision.protocolVersion,
          serverInfo: revision.serverInfo,
          features: ServerFeatures.parse(revision.features),
        },
      },
      server: { id, slug, name, purpose, transport, createdBy: names.get(server.createdBy) },
      requestedBy: names.get(review.requestedBy),
      canDecide: mayDecide(ctx.actor, review, { newestDecided: newest.has(review.id) }),
      canApproveDestructive: mayApproveDestructive(ctx.actor, review, server),
      entries,
      removed,
    };
  });
}
