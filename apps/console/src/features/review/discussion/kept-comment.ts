import { z } from 'zod';

import { buildKeptKey, type KeptPlace } from '../../../trpc/kept-place.ts';

/** Who writes, and on which review. */
export interface CommentOf {
  userId: string;
  reviewId: string;
}

const Kept = z.object({ at: z.number(), text: z.string() });

const buildKey = ({ userId, reviewId }: CommentOf): string => buildKeptKey(userId, `comment.${reviewId}`);

/** Keeps what a person has written and not sent, in this browser; an empty text is forgotten. False when the browser has no room. */
export function keepComment(place: KeptPlace, of: CommentOf, text: string, now: Date): boolean {
  const kept: z.infer<typeof Kept> = { at: now.getTime(), text };
  try {
    if (text === '') place.removeItem(buildKey(of));
    else place.setItem(buildKey(of), JSON.stringify(kept));
    return true;
  } catch {
    // full, or switched off: whoever writes is told
    return false;
  }
}

/** What this person wrote before and did not send; empty where there is nothing. What stands in a browser may be anybody's. */
export function restoreComment(place: KeptPlace, of: CommentOf): string {
  try {
    return Kept.safeParse(JSON.parse(place.getItem(buildKey(of)) ?? 'null')).data?.text ?? '';
  } catch {
    return '';
  }
}
