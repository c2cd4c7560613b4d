'use client';

import { Button } from '../../../ui/button.tsx';
import { ClockTime, RelativeTime } from '../../../ui/text/relative-time.tsx';
import type { DiscardedDraft } from './kept-draft.ts';
import type { ReviewEditor } from './use-review-draft.ts';

export interface KeptNoteProps {
  editor: Pick<ReviewEditor, 'restored' | 'discarded' | 'isLost' | 'startOver'>;
  /** something can be chosen; what is gone is said in any case */
  editable: boolean;
}

/** Says that what stands here was chosen before and is not sent, that it is gone, or that it would be lost. Nothing while all is as one expects. */
export function KeptNote({ editor: { restored, discarded, isLost, startOver }, editable }: KeptNoteProps) {
  if (discarded) {
    return (
      <p className="text-sm text-muted">
        Your draft of <ClockTime at={discarded.at} /> {WHY[discarded.why]}
      </p>
    );
  }
  if (!editable) return null;
  if (isLost) {
    return (
      <p className="text-sm text-warn-fg">This browser keeps nothing. What you choose here is lost when you leave the page.</p>
    );
  }
  if (!restored) return null;
  const { at, dropped } = restored;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-muted">
      <p>
        Not sent yet. Last changed <RelativeTime at={at} />, kept in this browser for you alone.
        {dropped > 0 && ` ${describeDropped(dropped)}`}
      </p>
      <Button size="small" variant="ghost" className="-mx-2" onClick={startOver}>
        Start over
      </Button>
    </div>
  );
}

const WHY = {
  earlier: 'was about an earlier text and was discarded.',
  decided: 'was discarded, because the review has been decided since.',
  expired: 'was discarded, because the review has expired since.',
} as const satisfies Record<DiscardedDraft['why'], string>;

function describeDropped(count: number): string {
  return count === 1
    ? 'One choice is gone, because what it was about has changed.'
    : `${count} choices are gone, because what they were about has changed.`;
}
