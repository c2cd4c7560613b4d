import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toEntryKey, type EntryRef } from '@gatehouse/policy/documents/catalogue-entry';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';

import { AddressId } from '../address.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { Actor, ServiceContext } from '../context.ts';
import { type HeldBack, listHeldBack } from '../discovery/held-back.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { describeAsked, mayConsent } from '../owner/asked.ts';
import type { OwnerView } from '../owner/owner.ts';
import { denyFor, type Permitted } from '../permitted.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { mayComment, maySeeReview } from './consent/asked.ts';
import {
  describeSecondPerson,
  isDecidable,
  mayApprove,
  mayBreakGlass,
  mayConfirm,
  mayDecide,
  type ReviewFacts,
} from './decider.ts';
import { listTimeline, type TimelineEvent } from './discussion/list-timeline.ts';
import { type EntryMove, getOfferedBefore, listMoves } from './entry-moves.ts';
import { findGlassOver, type GlassOver } from './glass-window.ts';
import { listOtherTexts } from './other-texts.ts';
import { type EntryChoice, Proposal } from './proposal.ts';
import { isGlassBroken, type LoadedReview, loadReviewFacts, requireReview } from './require-review.ts';
import { type ReviewEntryView, toReviewEntryView } from './review-entry-view.ts';
import { findTakeBack } from './take-back-decision.ts';
import { weighEntries } from './weigh-entries.ts';

export const GetReview = z.strictObject({ reviewId: AddressId });
export type GetReview = z.input<typeof GetReview>;

/** What one person decided and a second one has to confirm. */
export interface WaitingDecision {
  by: PersonName;
  proposedAt: Date;
  validDays: number;
  reason: string | null;
  decisions: EntryChoice[];
  /** an owner decided alone: it is in effect until the review's `validUntil` */
  isInEffect: boolean;
  /** nobody else has to decide it: the owner of the server has to agree */
  isSeconded: boolean;
  canConfirm: Permitted;
}

/** Whether the owner of the server agrees to what a review is about. */
export interface Consent {
  /** null: who was asked is not there any more */
  owner: OwnerView | null;
  /** who agreed, or went on without; null: nobody yet */
  by: PersonName | null;
  at: Date | null;
  /** in a sentence, whose consent is missing; null: nobody's */
  missing: string | null;
  canConsent: Permitted;
  /** whoever may go on without the owner says why */
  takesReason: boolean;
}

export interface ReviewDetail {
  review: {
    id: string;
    state: 'open' | 'decided' | 'superseded' | 'expired';
    createdAt: Date;
    decidedAt: Date | null;
    /** whose decision stands; null: nobody's does */
    decidedBy: PersonName | null;
    validUntil: Date | null;
    /** the second person of a decision that took two */
    confirmedBy: PersonName | null;
    revision: {
      id: string;
      number: number;
      protocolVersion: string;
      serverInfo: Prisma.JsonValue;
      features: ServerFeatures;
    };
  };
  server: { id: string; slug: string; name: string; purpose: string; transport: Prisma.JsonValue; createdBy: PersonName };
  /** null: an agent saw that the server had changed */
  requestedBy: PersonName | null;
  waiting: WaitingDecision | null;
  /** of the owner of the server; null: nobody is asked */
  consent: Consent | null;
  canDecide: Permitted;
  /** told before anyone tries; the refusal says the same */
  canApprove: Permitted;
  canBreakGlass: Permitted;
  /** what the one who asks could approve alone, but for the days of its text that are over; null: nothing is */
  glassOver: GlassOver | null;
  /** in a sentence, who could confirm what the one who asks decides and takes two people */
  secondPerson: string;
  /** ordered by kind and name */
  entries: ReviewEntryView[];
  /** decided on before and no longer offered */
  removed: EntryRef[];
  /** names and definitions that changed places, and what is there again */
  moves: EntryMove[];
  /** what of the server is not here to be decided on, and why: by site */
  heldBack: HeldBack[];
  /** reviews of the server that wait for a decision: what its sites have may differ */
  openReviewIds: string[];
  /** the one who asks can say something in it */
  canComment: boolean;
  /** what was said and done in it, the oldest first */
  timeline: TimelineEvent[];
  /** the decision, or its confirmation, that the one who asks can still take back */
  takeBack: { decisionId: string; until: Date; isConfirmation: boolean } | null;
}

/** One review with everything that is needed to decide it, also for the owner of the server whose consent it takes, whatever the role. Throws `not_found`. */
export async function getReview({ ctx, input }: { ctx: ServiceContext; input: GetReview }): Promise<ReviewDetail> {
  authorize(ctx, 'profile.use');
  const { reviewId } = parseInput(GetReview, input);
  const { tenantId, actor } = ctx;
  return read(ctx, async (tx) => {
    const review = await requireReview(tx, tenantId, reviewId);
    const { server, revision, decisions } = review;
    const facts = await loadReviewFacts(tx, review);
    if (!maySeeReview(actor, facts)) throw createNotFoundError('review');
    const { entries: weighed, previous } = await weighEntries(tx, review);
    const otherTexts = await listOtherTexts(tx, review);
    const open = await tx.review.findMany({ where: { tenantId, serverId: server.id, state: 'open' }, select: { id: true } });
    const names = await getPersonNames(tx, tenantId, [
      server.createdBy,
      review.requestedBy,
      review.proposedBy,
      review.confirmedBy,
      review.consentedBy,
      ...decisions.map(({ decidedBy }) => decidedBy),
      ...[...weighed.values()].flatMap(({ named }) => named.map(({ settled }) => settled?.by ?? null)),
    ]);
    const personOf = (id: string) => names.get(id);
    const decisionOf = new Map(decisions.map((decision) => [toEntryKey(decision), decision]));
    const entries = revision.entries.flatMap((entry) => {
      const key = toEntryKey(entry);
      const [decision, weight] = [decisionOf.get(key), weighed.get(key)];
      if (!decision || !weight) return [];
      const beside = { ...weight, previous: previous.get(key), otherTexts: otherTexts.get(key) };
      return [toReviewEntryView(entry, decision, beside, personOf)];
    });
    const removed = [...previous].filter(([key]) => !weighed.has(key)).map(([, { kind, name }]) => ({ kind, name }));
    const { id, slug, name, purpose, transport } = server;
    return {
      review: toReviewView(review, personOf),
      server: { id, slug, name, purpose, transport, createdBy: personOf(server.createdBy) },
      requestedBy: review.requestedBy === null ? null : personOf(review.requestedBy),
      waiting: toWaitingDecision(actor, review, facts, personOf),
      consent: toConsent(actor, review, facts, personOf),
      canDecide: mayDecide(actor, facts),
      canApprove: mayApprove(actor, facts),
      ...(await weighGlass(tx, ctx, review, facts)),
      secondPerson: describeSecondPerson(actor, facts),
      entries,
      removed,
      moves: listMoves(
        revision.entries,
        [...previous.values()],
        await getOfferedBefore(tx, { tenantId, serverId: server.id, number: revision.number }),
      ),
      heldBack: await listHeldBack(tx, { tenantId, revisionId: revision.id }),
      openReviewIds: open.map((each) => each.id),
      canComment: mayComment(actor, facts),
      timeline: await listTimeline(tx, review),
      takeBack: await findTakeBack(tx, ctx, review, facts),
    };
  });
}

/** Whether this person decides it alone, and what of it not any more. */
async function weighGlass(
  tx: TenantTx,
  { actor, runtime }: ServiceContext,
  review: LoadedReview,
  facts: ReviewFacts,
): Promise<Pick<ReviewDetail, 'canBreakGlass' | 'glassOver'>> {
  const canBreakGlass = mayBreakGlass(actor, facts);
  const glassOver = canBreakGlass.ok ? await findGlassOver(tx, review, runtime.now()) : null;
  const isAll = glassOver !== null && glassOver.entries.length === review.revision.entries.length;
  return { canBreakGlass: isAll ? denyFor(glassOver.reason) : canBreakGlass, glassOver };
}

function toReviewView(review: LoadedReview, personOf: (id: string) => PersonName): ReviewDetail['review'] {
  const { id, state, createdAt, decidedAt, validUntil, confirmedBy, revision } = review;
  const { number, protocolVersion, serverInfo } = revision;
  const decidedBy = review.decisions.find((decision) => decision.decidedBy !== null)?.decidedBy ?? null;
  const features = ServerFeatures.parse(revision.features);
  return {
    id,
    state,
    createdAt,
    decidedAt,
    decidedBy: decidedBy === null ? null : personOf(decidedBy),
    validUntil,
    confirmedBy: confirmedBy === null ? null : personOf(confirmedBy),
    revision: { id: revision.id, number, protocolVersion, serverInfo, features },
  };
}

function toWaitingDecision(
  actor: Actor,
  review: LoadedReview,
  facts: ReviewFacts,
  personOf: (id: string) => PersonName,
): WaitingDecision | null {
  const { proposedBy, proposedAt, state } = review;
  if (proposedBy === null || proposedAt === null || state === 'superseded' || state === 'expired') return null;
  const { decisions, validDays, reason } = Proposal.parse(review.proposal);
  const isInEffect = isGlassBroken(review);
  const { isSeconded } = facts;
  const canConfirm = mayConfirm(actor, facts);
  return { by: personOf(proposedBy), proposedAt, validDays, reason, decisions, isInEffect, isSeconded, canConfirm };
}

/** What was asked, and what is. Nothing of reviews that are over without anybody having agreed. */
function toConsent(
  actor: Actor,
  { consentedBy, consentedAt: at, state, proposedBy }: LoadedReview,
  facts: ReviewFacts,
  personOf: (id: string) => PersonName,
): Consent | null {
  const { asked } = facts;
  const isDue = consentedBy === null && (proposedBy !== null || state === 'open') && isDecidable(facts).ok;
  if (consentedBy === null && (!isDue || (asked === null && !facts.isSeconded))) return null;
  const { takesReason, ...canConsent } = mayConsent(actor, facts);
  const by = consentedBy === null ? null : personOf(consentedBy);
  return { owner: asked?.owner ?? null, by, at, missing: isDue ? describeAsked(asked) : null, canConsent, takesReason };
}
