import { z } from 'zod';

import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { Risk } from '@gatehouse/policy/documents/definition';

import { createReviewDraft, type ReviewDraft } from '../decision-draft.ts';
import type { ReviewDetail, ReviewEntry } from '../summary.ts';

/** What of a browser's storage is used. */
export type KeptPlace = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>;

/** Whose choices on which review, as it stands. */
export interface KeptFor {
  userId: string;
  detail: ReviewDetail;
}

const PREFIX = 'gatehouse.review.';
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

/** Another one means that somebody has decided meanwhile, so that what was chosen here is not about what is shown any more. */
export function buildDecisionKey({ review, waiting }: ReviewDetail): string {
  return [review.state, review.decidedAt?.getTime(), waiting?.proposedAt.getTime()].join(' ');
}

/** Whether this browser keeps anything at all. */
export function canKeep(place: KeptPlace | null): boolean {
  try {
    place?.setItem(`${PREFIX}probe`, '');
    place?.removeItem(`${PREFIX}probe`);
    return place !== null;
  } catch {
    return false;
  }
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
    decision,
    again,
    choices: Object.fromEntries(choices),
  };
  try {
    place.setItem(buildKey(userId, detail.review.id), JSON.stringify(kept));
    return true;
  } catch {
    // full, or switched off: whoever chooses is told, and nothing else depends on it
    return false;
  }
}

/**
 * What this person chose before and did not send, without what is about something else now. Removes what others left in this browser, and
 * what is too old. Null when there is nothing.
 */
export function restoreDraft(place: KeptPlace, { userId, detail }: KeptFor, now: Date): RestoredDraft | null {
  removeForeign(place, userId, now);
  const kept = readKept(place.getItem(buildKey(userId, detail.review.id)));
  if (!kept) return null;
  if (kept.decision !== buildDecisionKey(detail)) {
    dropDraft(place, { userId, detail });
    return null;
  }
  const basis = new Map(detail.entries.map((entry) => [toEntryKey(entry), describeBasis(entry)]));
  const valid = Object.entries(kept.choices).filter(([key, { about }]) => basis.get(key) === about);
  return {
    draft: { ...createReviewDraft(detail), ...Object.fromEntries(valid.map(([key, { choice }]) => [key, choice])) },
    again: kept.again,
    at: new Date(kept.at),
    dropped: Object.keys(kept.choices).length - valid.length,
  };
}

/** It was sent, or is to be begun anew. */
export function dropDraft(place: KeptPlace, { userId, detail }: KeptFor): void {
  place.removeItem(buildKey(userId, detail.review.id));
}

/** All that a choice rests on: the definition, what was found in it, and what weighs. */
function describeBasis(entry: ReviewEntry): string {
  const { pin, wasRejected, hiddenText, privatePassages, reworded } = entry;
  const weighedRisk = entry.kind === 'tool' ? entry.weighedRisk : null;
  return JSON.stringify([pin, weighedRisk, wasRejected, hiddenText, privatePassages, reworded]);
}

const buildKey = (userId: string, reviewId: string): string => `${PREFIX}${userId}.${reviewId}`;

function removeForeign(place: KeptPlace, userId: string, now: Date): void {
  const keys = Array.from({ length: place.length }, (_, index) => place.key(index)).filter((key) => key?.startsWith(PREFIX));
  for (const key of keys) {
    if (key === null) continue;
    const at = readKept(place.getItem(key))?.at ?? 0;
    if (!key.startsWith(`${PREFIX}${userId}.`) || now.getTime() - at > KEPT_MS) place.removeItem(key);
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
