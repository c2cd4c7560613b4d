import { startTransition } from 'react';

import { useToast } from '../../../ui/overlay/toast.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { decideAll, listUndecided, type ReviewDraft, takeBackTogether } from '../decision-draft.ts';
import type { ReviewEntry } from '../summary.ts';

export interface TogetherProps {
  draft: ReviewDraft;
  onChange: (change: (before: ReviewDraft) => ReviewDraft) => void;
}

/** Gives several entries one verdict in the draft, and offers to take exactly that back. */
export function useDecideTogether({ draft: before, onChange }: TogetherProps) {
  const toast = useToast();
  return (entries: readonly ReviewEntry[], verdict: 'approved' | 'rejected', reason?: string): void => {
    const made = decideAll(before, entries, verdict, reason);
    startTransition(() => onChange((now) => ({ ...now, ...pickChanged(before, made) })));
    toast({
      title: `${describeCount(listUndecided(before, entries).length, 'entry', 'entries')} ${verdict}, not sent yet`,
      undo: () => onChange((now) => takeBackTogether(now, { before, made })),
    });
  };
}

function pickChanged(before: ReviewDraft, made: ReviewDraft): ReviewDraft {
  return Object.fromEntries(Object.entries(made).filter(([key, chosen]) => before[key] !== chosen));
}
