'use client';

import { type Dispatch, type SetStateAction, useEffect, useState } from 'react';

import { canKeep, openKeptPlace } from '../../../trpc/kept-place.ts';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { createReviewDraft, type ReviewDraft } from '../decision-draft.ts';
import type { ReviewDetail } from '../summary.ts';
import { type DiscardedDraft, dropDraft, type FoundDraft, keepDraft, type RestoredDraft, restoreDraft } from './kept-draft.ts';

export interface ReviewEditor {
  draft: ReviewDraft;
  setDraft: Dispatch<SetStateAction<ReviewDraft>>;
  /** a decision that stands is decided anew */
  again: boolean;
  setAgain: (again: boolean) => void;
  /** what was chosen at another time and is shown again; null when it was all chosen now */
  restored: RestoredDraft | null;
  /** what was chosen at another time and is gone */
  discarded: DiscardedDraft | null;
  /** this browser keeps nothing, so that leaving the page loses what is chosen */
  isLost: boolean;
  /** nothing is chosen any more */
  startOver: () => void;
  /** what was chosen has been sent */
  forget: () => void;
}

const NOTHING: FoundDraft = { restored: null, discarded: null };

/** What a reviewer has chosen and not sent. It outlives the page, the tab and the browser, for this person alone. `userId`: null until known. */
export function useReviewDraft(detail: ReviewDetail, userId: string | null): ReviewEditor {
  const [{ restored, discarded }, setFound] = useState(() => {
    const place = openKeptPlace();
    return place && userId !== null ? restoreDraft(place, { userId, detail }, new Date()) : NOTHING;
  });
  const [draft, setDraft] = useState(() => restored?.draft ?? createReviewDraft(detail));
  const [again, setAgain] = useState(restored?.again ?? false);
  const [sent, setSent] = useState(false);
  const [isLost] = useState(() => userId !== null && !canKeep(openKeptPlace()));
  const toast = useToast();
  useEffect(() => {
    const isAsKept = restored?.draft === draft && restored.again === again && restored.dropped === 0;
    const place = openKeptPlace();
    if (userId === null || sent || isAsKept || isLost || !place) return;
    if (!keepDraft(place, { userId, detail }, draft, again, new Date())) {
      toast({ title: 'This browser has no room for what you choose. It is lost when you leave the page.' });
    }
  }, [detail, draft, again, userId, sent, restored, isLost, toast]);
  const forget = (): void => {
    setSent(true);
    const place = openKeptPlace();
    if (place && userId !== null) dropDraft(place, { userId, detail });
  };
  const startOver = (): void => {
    setDraft(createReviewDraft(detail));
    setFound(NOTHING);
  };
  return { draft, setDraft, again, setAgain, restored, discarded, isLost, startOver, forget };
}
