import type { Review } from '@gatehouse/db/client';

import { describeDeciders, isAuthor, type Member, type People } from '../authors.ts';
import { isPermitted } from '../authz.ts';
import { type Actor, getActorId } from '../context.ts';
import { isSomebodyElse } from '../hands.ts';
import { type ConsentFacts, describeAsked } from '../owner/asked.ts';
import { denyFor, type Permitted, PERMITTED } from '../permitted.ts';

/** What the rules below ask about a review. */
export interface ReviewFacts extends People, ConsentFacts {
  state: Review['state'];
  /** it is about what some site has or agents take, or was opened last */
  isCurrent: boolean;
  /** membership id of the person whose decision waits for a second one */
  proposedBy: string | null;
  /** an owner decided alone, and nobody has confirmed it yet */
  isGlassBroken: boolean;
  /** somebody is named to decide on this server, so `deciders` are those alone; `others` could as well, if nobody were */
  named: { others: readonly Member[] } | null;
}

/** Whether the actor may decide this review now. An author may only reject. */
export function mayDecide(actor: Actor, facts: ReviewFacts): Permitted {
  if (!isPermitted(actor, 'review.decide')) return denyFor(`Your role does not decide reviews. ${describeWhoCan(facts, actor)}`);
  return isDecidable(facts);
}

/** Whether anything is decided on it any more, whoever asks. */
export function isDecidable(facts: Pick<ReviewFacts, 'state' | 'isCurrent'>): Permitted {
  switch (facts.state) {
    case 'open':
      return PERMITTED;
    case 'decided':
      return facts.isCurrent
        ? PERMITTED
        : denyFor('This review is not about what the server offers now: it was looked at again since, or has another address.');
    case 'superseded':
      return denyFor(
        'The server was found to offer something else, or was given another address: a newer review takes the place of this one.',
      );
    case 'expired':
      return denyFor('This review has expired. Look at the server again to open a new one.');
  }
}

/** Author is not approver: whoever brought in anything of this server approves nothing of it, whatever the role is by now. Where approvers are named, they alone approve. */
export function mayApprove(actor: Actor, facts: ReviewFacts): Permitted {
  if (isAuthor(actor, facts))
    return denyFor(
      `You added this server or asked what it offers, so someone else must approve it. ${describeWhoCan(facts, actor)}`,
    );
  const hand = facts.led.get(getActorId(actor));
  if (hand !== undefined) return denyFor(`${describeHand(hand, 'an author of this server')} ${describeWhoCan(facts, actor)}`);
  if (facts.deciders.some(({ id }) => id === getActorId(actor))) return PERMITTED;
  const why = facts.named ? 'Others are named to approve what this server offers.' : 'Your role does not decide reviews.';
  return denyFor(`${why} ${describeWhoCan(facts, actor)}`);
}

/** Without two people who may decide, nobody could confirm: then an owner may decide alone, for seven days. */
export function mayBreakGlass(actor: Actor, facts: ReviewFacts): Permitted {
  if (actor.kind !== 'person' || actor.role !== 'owner') return denyFor('Only an owner decides by break-glass.');
  // naming one approver makes no need: somebody else can be named
  if (hasTwoPeople({ ...facts, deciders: [...facts.deciders, ...(facts.named?.others ?? [])] }))
    return denyFor(`There are two people who can decide. ${describeWhoCan(facts, actor)}`);
  return mayDecide(actor, facts);
}

/** The second person is no author and not the first. */
export function mayConfirm(actor: Actor, facts: ReviewFacts): Permitted {
  const { proposedBy, isGlassBroken, deciders } = facts;
  const others = proposedBy === null ? facts : keepTwoPeople(facts, proposedBy);
  // who decided first is none of those who can
  const decidable = mayDecide(actor, others);
  if (!decidable.ok) return decidable;
  if (proposedBy === null) return denyFor('Nothing waits for a second person here. Reload the page.');
  if (facts.isSeconded) return denyFor(`It waits for no second person. ${describeAsked(facts.asked)}`);
  if (proposedBy === getActorId(actor))
    return denyFor(
      `You decided this, so someone else must confirm it. ${describeDeciders(facts, actor) ?? 'Invite a reviewer.'}`,
    );
  if (!isGlassBroken && !deciders.some(({ id }) => id === proposedBy))
    return denyFor('Whoever decided this may not decide any more. Decide it again.');
  const approvable = mayApprove(actor, { ...facts, deciders: deciders.filter(({ id }) => id !== proposedBy) });
  if (!approvable.ok) return approvable;
  if (others.deciders.some(({ id }) => id === getActorId(actor))) return PERMITTED;
  return denyFor(`${describeHand(null, 'whoever decided this')} ${describeWhoCan(others, actor)}`);
}

/** Who can be the second person where the actor decides what takes two, or what there is to do when nobody can. */
export function describeSecondPerson(actor: Actor, facts: ReviewFacts): string {
  return describeWhoCan(keepTwoPeople(facts, getActorId(actor)), actor);
}

/** The same with those alone who are certainly somebody else than this member. */
function keepTwoPeople(facts: ReviewFacts, membershipId: string): ReviewFacts {
  const first = facts.deciders.find(({ id }) => id === membershipId) ?? { id: membershipId, userId: null };
  return { ...facts, deciders: facts.deciders.filter((member) => isSomebodyElse(facts.hands, member, [first])) };
}

function hasTwoPeople(facts: ReviewFacts): boolean {
  return facts.deciders.some(({ id }) => keepTwoPeople(facts, id).deciders.length > 0);
}

/** A link proves nothing about who follows it while somebody else has it in hand. */
function describeHand(name: string | null, as: string): string {
  const hand = name === null ? 'One person may have had the links to both accounts' : `${name} had the link to your account`;
  return `${hand} in hand, so it may belong to ${as}. A new link by somebody else, or by the operator, settles it.`;
}

/** Who can, or what there is to do when nobody can. */
function describeWhoCan(facts: ReviewFacts, actor: Actor): string {
  const deciders = describeDeciders(facts, actor);
  if (deciders === null && facts.named)
    return 'No other approver of it can: an admin or an owner names another one on the page of the server.';
  return deciders ?? 'Nobody else here may yet: invite a reviewer, or an owner decides by break-glass for seven days.';
}
