import { z } from 'zod';

import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { Risk } from '@gatehouse/policy/documents/definition';

import { buildKeptKey, clearKept, type KeptPlace, listKeptKeys } from '../../../trpc/kept-place.ts';
import { createReviewDraft, type ReviewDraft } from '../decision-draft.ts';
import type { ReviewDetail, ReviewEntry } from '../summary.ts';

/** Whose choices on which review, as it stands. */
export interface KeptFor {
  userId: string;
  detail: ReviewDetail;
}

const DAY_MS = 86_400_000;
/** After this nobody goes on where they left. */
const KEPT_MS = 30 * DAY_MS;

const Texts = z.array(z.string()).readonly();
const Chosen = {
  name: z.string(),
  verdict: z.enum(['approved', 'rejected']).nullable(),
  note: z.string(),
  seenHidden: z.boolean().optional(),
  ignored: Texts,
};
const Choice = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tool'),
    ...Chosen,
    risk: Risk,
    logArguments: Texts,
    logResults: Texts,
  }),
  z.object({ kind: z.enum(['prompt', 'resource', 'template', 'instructions']), ...Chosen }),
]);
const Kept = z.object({
  at: z.number(),
  /** whose definitions these are about, and which; null in what an earlier version kept */
  of: z.object({ serverId: z.string(), revision: z.number() }).nullable().default(null),
  /** which decision of the review it would be */
  decision: z.string(),
  /** it takes the place of a decision that was made before */
  again: z.boolean(),
  choices: z.record(z.string(), z.object({ about: z.string(), choice: Choice })),
});

export interface RestoredDraft {
  draft: ReviewDraft;
  again: boolean;
  /** when it was chosen last */
  at: Date;
  /** choices that are gone, because what they were about is another one now or is not offered any more */
  dropped: number;
}

/** A draft of which nothing is left, when it was chosen last, and why: what it was about was offered `earlier`, or the review has been `decided` or has `expired` since. */
export interface DiscardedDraft {
  at: Date;
  why: 'earlier' | 'decided' | 'expired';
}

/** One of them, or neither. */
export interface FoundDraft {
  restored: RestoredDraft | null;
  discarded: DiscardedDraft | null;
}

/** Another one means that somebody has decided meanwhile, so that what was chosen here is not about what is shown any more. */
export function buildDecisionKey({ review, waiting }: ReviewDetail): string {
  return [review.state, review.decidedAt?.getTime(), waiting?.proposedAt.getTime()].join(' ');
}

/**
 * Keeps what a person has chosen and not sent, in this browser. What is as the review offers it takes no place. False when the browser keeps
 * nothing, or has no room.
 */
export function keepDraft(place: KeptPlace, { userId, detail }: KeptFor, draft: ReviewDraft, again: boolean, now: Date): boolean {
  const untouched = createReviewDraft(detail);
  const choices = detail.entries.flatMap((entry) => {
    const key = toEntryKey(entry);
    const choice = draft[key];
    const isChosen = choice !== undefined && JSON.stringify(choice) !== JSON.stringify(untouched[key]);
    return isChosen ? [[key, { about: describeBasis(entry), choice }] as const] : [];
  });
  if (choices.length === 0) {
    dropDraft(place, { userId, detail });
    return true;
  }
  const decision = buildDecisionKey(detail);
  const kept: z.input<typeof Kept> = {
    at: now.getTime(),
    of: { serverId: detail.server.id, revision: detail.review.revision.number },
    decision,
    again,
    choices: Object.fromEntries(choices),
  };
  try {
    place.setItem(buildKeptKey(userId, detail.review.id), JSON.stringify(kept));
    return true;
  } catch {
    // full, or switched off: whoever chooses is told, and nothing else depends on it
    return false;
  }
}

/**
 * What this person chose before and did not send, on this review or on one whose place it has taken, without what is about something else now. Removes what others left in
 * this browser, what is too old, and what is discarded. A draft on a review that was replaced stays until the one in its place is opened.
 */
export function restoreDraft(place: KeptPlace, { userId, detail }: KeptFor, now: Date): FoundDraft {
  clearKept(place, userId);
  removeOld(place, now);
  const { review } = detail;
  const isReplaced = review.state === 'superseded';
  if (isReplaced && detail.openReviewIds.length > 0) return { restored: null, discarded: null };
  const own = readKept(place.getItem(buildKeptKey(userId, review.id)));
  const kept = own ?? takeReplaced(place, { userId, detail });
  if (!kept) return { restored: null, discarded: null };
  if (own ? own.decision !== buildDecisionKey(detail) : review.state !== 'open') {
    dropDraft(place, { userId, detail });
    const why = isReplaced ? 'earlier' : review.state === 'expired' ? 'expired' : 'decided';
    return { restored: null, discarded: { at: new Date(kept.at), why } };
  }
  const basis = new Map(detail.entries.map((entry) => [toEntryKey(entry), describeBasis(entry)]));
  const valid = Object.entries(kept.choices).filter(([key, { about }]) => basis.get(key) === about);
  if (valid.length === 0) {
    dropDraft(place, { userId, detail });
    return { restored: null, discarded: { at: new Date(kept.at), why: 'earlier' } };
  }
  const draft = { ...createReviewDraft(detail), ...Object.fromEntries(valid.map(([key, { choice }]) => [key, choice])) };
  const dropped = Object.keys(kept.choices).length - valid.length;
  if (kept !== own) keepDraft(place, { userId, detail }, draft, false, new Date(kept.at));
  return { restored: { draft, again: kept === own && kept.again, at: new Date(kept.at), dropped }, discarded: null };
}

/** The newest draft on a review of this server that waits no longer; none of these stays. One that was decided takes no place of a later one. */
function takeReplaced(place: KeptPlace, { userId, detail }: KeptFor): z.infer<typeof Kept> | null {
  const { review } = detail;
  const waiting = new Set(detail.openReviewIds.map((id) => buildKeptKey(userId, id)));
  const replaced = listKeptKeys(place, userId).flatMap((key) => {
    const kept = waiting.has(key) ? null : readKept(place.getItem(key));
    if (kept?.of?.serverId !== detail.server.id) return [];
    return review.state === 'open' || kept.of.revision < review.revision.number ? [{ key, kept }] : [];
  });
  for (const { key } of replaced) place.removeItem(key);
  return replaced.map(({ kept }) => kept).toSorted((a, b) => b.at - a.at)[0] ?? null;
}

/** It was sent, or is to be begun anew. */
export function dropDraft(place: KeptPlace, { userId, detail }: KeptFor): void {
  place.removeItem(buildKeptKey(userId, detail.review.id));
}

/** All that a choice rests on: the definition, what was found in it, and what weighs. */
function describeBasis(entry: ReviewEntry): string {
  const { pin, wasRejected, hiddenText, privatePassages, phrases, lookAlikes, foreignNames, reworded } = entry;
  const weighedRisk = entry.kind === 'tool' ? entry.weighedRisk : null;
  return JSON.stringify([
    pin,
    weighedRisk,
    wasRejected,
    hiddenText,
    privatePassages,
    phrases,
    lookAlikes,
    foreignNames,
    reworded,
  ]);
}

function removeOld(place: KeptPlace, now: Date): void {
  for (const key of listKeptKeys(place)) {
    const at = readTime(place.getItem(key));
    if (now.getTime() - at > KEPT_MS) place.removeItem(key);
  }
}

const Timed = z.object({ at: z.number() });

/** When it was kept, whatever it is: choices, or a comment. */
function readTime(text: string | null): number {
  try {
    return Timed.safeParse(JSON.parse(text ?? 'null')).data?.at ?? 0;
  } catch {
    return 0;
  }
}

/** What stands in a browser may be of another version, or anybody's. */
function readKept(text: string | null): z.infer<typeof Kept> | null {
  if (text === null) return null;
  try {
    return Kept.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
