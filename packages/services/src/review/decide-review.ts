import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { formatSome } from '@gatehouse/policy/names/some-of';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { isAuthorsHand } from '../authors.ts';
import { authorize } from '../authz.ts';
import { type Actor, getActorId, type ServiceContext } from '../context.ts';
import { DAY_MS, HOUR_MS } from '../durations.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { takesConsent } from '../owner/asked.ts';
import { getPersonNames } from '../person-names.ts';
import { keepBefore } from './before-decision.ts';
import { checkChoices, giveReasons, isSaid, keepGravity, listForTwo, listLowered, refuseUnreasoned } from './check-choices.ts';
import { keepConsent } from './consent/keep-consent.ts';
import { mayApprove, mayBreakGlass, mayDecide, type ReviewFacts } from './decider.ts';
import { acknowledgeSeen } from './findings/settle-finding.ts';
import { findGlassEnd, MAX_GLASS_HOURS } from './glass-window.ts';
import { type EntryChoice, EntryChoices, storeProposal, ValidDays } from './proposal.ts';
import { type LoadedReview, loadReviewFacts, lockReview } from './require-review.ts';
import { takeEffect, type WrittenSites } from './take-effect.ts';
import { weighEntries } from './weigh-entries.ts';

export const DecideReview = z.strictObject({
  reviewId: z.uuid(),
  /** approvals lapse after this many days */
  validDays: ValidDays.default(90),
  decisions: EntryChoices,
  /** the review is decided already, or waits for a second person, and this takes the place of that decision */
  again: z.boolean().default(false),
  /** why a risk is lower than it seems or an entry is rejected, where no note says it; with break-glass always, why it cannot wait */
  reason: z.string().trim().min(1).max(1_000).optional(),
  /** an owner decides alone what takes two people, because nobody else can */
  breakGlass: z.boolean().default(false),
  /** of break-glass: what is approved ends after so many hours by itself, unless a second person confirms it */
  breakGlassHours: z.int().min(1).max(MAX_GLASS_HOURS).default(MAX_GLASS_HOURS),
});
export type DecideReview = z.input<typeof DecideReview>;

export interface DecidedReview {
  id: string;
  /** names this decision to whoever takes it back */
  decisionId: string;
  /** how many are approved from now on; none while the decision waits */
  approved: number;
  /** how many are rejected from now on */
  rejected: number;
  /** how many of its entries wait for a second person: all of them, or none */
  waits: number;
  /** names of what takes two people: by break-glass it is in effect until a second one confirms, else nothing is before that */
  waiting: string[];
  /** name of the owner of the server, who has to agree first; null: nobody is asked, or has agreed */
  asks: string | null;
  validUntil: Date;
  sites: WrittenSites;
}

/**
 * Decides all entries of a review at once. What one person may decide takes effect with the snapshots of the server's sites; with anything
 * in it that takes two, all of it waits for `confirmReview`, and with an approval that the owner of the server has to agree to for
 * `consentReview`; what stands stays. Throws `not_permitted` when an author would approve, `conflict` when someone was faster, `invalid` for a field to log that no schema declares, and for a rejection or a lower risk without a reason.
 */
export async function decideReview({ ctx, input }: { ctx: ServiceContext; input: DecideReview }): Promise<DecidedReview> {
  authorize(ctx, 'review.decide');
  const asked = parseInput(DecideReview, input);
  const { reviewId, validDays, again, reason = null, breakGlass, breakGlassHours } = asked;
  const { tenantId, actor } = ctx;

  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const review = await lockReview(tx, tenantId, reviewId);
    const facts = await loadReviewFacts(tx, review);
    await checkState(tx, ctx, review, facts, again);
    const { choices, weighed, approved, forTwo, lowered, owner } = await weighDecision(tx, ctx, review, facts, asked);
    const now = ctx.runtime.now();
    const [takesTwo, waits] = [forTwo.length > 0, forTwo.length > 0 || owner !== null];
    const auditId = createActId();
    const wanted = new Date(now.getTime() + (breakGlass ? breakGlassHours * HOUR_MS : validDays * DAY_MS));
    const validUntil = limitValidity(review, breakGlass ? await findGlassEnd(tx, review, forTwo, now) : null, wanted);
    const said = {
      takesTwo,
      ...(owner !== null && { asksOwner: owner }),
      ...(reason && { reason }),
      ...(breakGlass && { breakGlass }),
    };
    await audit({
      id: auditId,
      action: 'review.decide',
      entityType: 'review',
      entityId: reviewId,
      before: { state: review.state },
      after: {
        serverId: review.serverId,
        revision: review.revision.number,
        validUntil: validUntil.toISOString(),
        ...said,
        ...describeChoices(choices, lowered, reason),
      },
    });
    const by = getActorId(actor);
    const proposal = waits
      ? { by, at: now, proposal: { decisions: choices, validDays, reason, auditId, ...(!takesTwo && { takesTwo }) } }
      : null;
    await keepBefore(tx, review, { decisionId: auditId, by, at: now });
    await storeProposal(tx, review, proposal);
    if (!breakGlass) await acknowledgeSeen(tx, review, { choices, weighed, by, at: now });
    if (approved.length > 0 && facts.asked?.bearers.has(by)) await keepConsent(tx, ctx, review);
    const decision = {
      choices,
      decidedBy: by,
      decidedAt: now,
      validUntil,
      auditId,
      breakGlassReason: breakGlass ? reason : null,
    };
    const isInEffect = !waits || breakGlass;
    const sites = isInEffect ? await takeEffect(mutation, ctx, review, { ...decision, confirmation: null }, 'review.decide') : [];
    signal('review', reviewId);
    const told = { ...countEffects(choices, isInEffect), waiting: forTwo.map(({ name }) => name), asks: owner };
    return { id: reviewId, decisionId: auditId, ...told, validUntil, sites };
  });
}

/** What is decided, once it is certain that this person may decide it so. */
interface WeighedDecision {
  choices: EntryChoice[];
  weighed: Awaited<ReturnType<typeof weighEntries>>['entries'];
  approved: EntryChoice[];
  /** what takes two people */
  forTwo: EntryChoice[];
  lowered: EntryChoice[];
  /** name of the owner of the server, whose consent is missing */
  owner: string | null;
}

async function weighDecision(
  tx: TenantTx,
  { actor }: ServiceContext,
  review: LoadedReview,
  facts: ReviewFacts,
  { decisions, reason: given, breakGlass }: z.output<typeof DecideReview>,
): Promise<WeighedDecision> {
  const reason = given ?? null;
  const { entries: weighed } = await weighEntries(tx, review);
  checkChoices(review, decisions, weighed);
  const choices = giveReasons(keepGravity(decisions, weighed), weighed, reason);
  const approved = choices.filter(({ verdict }) => verdict === 'approved');
  const forTwo = isAuthorsHand(actor, facts) ? approved : listForTwo(choices, weighed);
  const lowered = listLowered(choices, weighed);
  if (breakGlass) refuseBreakGlass(actor, facts, { forTwo, lowered, reason });
  else refuseApprovals(actor, facts, approved);
  refuseUnreasoned(choices, weighed, reason);
  const isAsked = approved.length > 0 && !breakGlass && takesConsent(actor, facts);
  return { choices, weighed, approved, forTwo, lowered, owner: isAsked ? (facts.asked?.owner.name ?? null) : null };
}

function countEffects(
  choices: readonly EntryChoice[],
  isInEffect: boolean,
): Pick<DecidedReview, 'approved' | 'rejected' | 'waits'> {
  if (!isInEffect) return { approved: 0, rejected: 0, waits: choices.length };
  const approved = choices.filter(({ verdict }) => verdict === 'approved').length;
  return { approved, rejected: choices.length - approved, waits: 0 };
}

/** What the log keeps of a decision: no note, because that is read where it is written, and every reason for less risk. */
function describeChoices(choices: readonly EntryChoice[], lowered: readonly EntryChoice[], reason: string | null) {
  return {
    decisions: choices.map(({ note: _note, ...choice }) => choice),
    ...(lowered.length > 0 && { lowered: lowered.map(({ name, note }) => ({ name, reason: note ?? reason })) }),
  };
}

/** Deciding again corrects a decision: it does not move its end back. Nor does anything move that of break-glass. */
function limitValidity({ state, validUntil }: LoadedReview, glassEnd: Date | null, wanted: Date): Date {
  const ends = [wanted, glassEnd, state === 'decided' ? validUntil : null].flatMap((end) => end?.getTime() ?? []);
  return new Date(Math.min(...ends));
}

/** The first decision wins; another one has to say that it means to take its place. */
async function checkState(
  tx: TenantTx,
  ctx: ServiceContext,
  review: LoadedReview,
  facts: ReviewFacts,
  again: boolean,
): Promise<void> {
  const permitted = mayDecide(ctx.actor, facts);
  if (!permitted.ok) throw new ServiceError('conflict', permitted.reason);
  if (again || (review.state === 'open' && facts.proposedBy === null)) return;
  const by = facts.proposedBy ?? review.decisions[0]?.decidedBy ?? null;
  const names = await getPersonNames(tx, ctx.tenantId, [by]);
  throw new ServiceError(
    'conflict',
    `${by ? names.get(by).name : 'Someone'} has decided this review already. Reload to see how.`,
  );
}

function refuseApprovals(actor: Actor, facts: ReviewFacts, approved: readonly EntryChoice[]): void {
  const permitted = mayApprove(actor, facts);
  if (permitted.ok || approved.length === 0) return;
  throw new ApprovalError(
    permitted.reason,
    approved.map(({ name }) => name),
  );
}

interface Glass {
  forTwo: readonly EntryChoice[];
  lowered: readonly EntryChoice[];
  reason: string | null;
}

/** Only where it is needed, with a reason, and never for a lower risk: that always takes a second person. */
function refuseBreakGlass(actor: Actor, facts: ReviewFacts, { forTwo, lowered, reason }: Glass): void {
  const permitted = mayBreakGlass(actor, facts);
  if (!permitted.ok) throw new ServiceError('not_permitted', permitted.reason);
  if (forTwo.length === 0) throw new ServiceError('invalid', 'Nothing here takes two people. Decide it without break-glass.');
  if (!isSaid(reason)) throw new ServiceError('invalid', 'Say why this cannot wait for a second person.', { field: 'reason' });
  if (lowered.length === 0) return;
  const names = formatSome(lowered.map(({ name }) => name));
  throw new ServiceError('invalid', `Alone you cannot lower a risk. Set it back for ${names}.`);
}

/** An author would approve. */
export class ApprovalError extends ServiceError {
  readonly names: readonly string[];

  constructor(message: string, names: readonly string[]) {
    super('not_permitted', message);
    this.names = names;
  }
}
