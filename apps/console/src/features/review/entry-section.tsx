'use client';

import { startTransition } from 'react';

import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { filterByGroup, ENTRY_GROUPS, type EntryGroup } from '../../ui/entity/entry-group.ts';
import { useShown } from '../../ui/list/use-shown.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { decideAll, filterPlainOthers, listUndecided, type EntryDraft, type ReviewDraft, takesTwo } from './decision-draft.ts';
import { RejectTogether } from './draft/reject-together.tsx';
import { EntryReview } from './entry-review.tsx';
import { findLeftOut } from './find-left-out.ts';
import { isGlassOver, type ReviewDetail, type ReviewEntry, sortChangesFirst } from './summary.ts';

export interface EntrySectionProps {
  group: EntryGroup;
  detail: ReviewDetail;
  draft: ReviewDraft;
  editable: boolean;
  /** settles findings, decided on or not */
  maySettle: boolean;
  onChange: (change: (before: ReviewDraft) => ReviewDraft) => void;
}

/** The entries of a group. Tools are decided one by one, or by risk at the top of the page; the others also together. */
export function EntrySection({ group, detail, draft, editable, maySettle, onChange }: EntrySectionProps) {
  const entries = sortChangesFirst(filterByGroup(group, detail.entries));
  const { shown, more } = useShown(entries);
  // Decided on before, and no longer offered. Of tools, only the summary says so.
  const removed = group === 'tools' ? [] : filterByGroup(group, detail.removed);
  if (entries.length + removed.length === 0) return null;
  const id = `${group}-title`;
  return (
    <section aria-labelledby={id}>
      {/* as high as its buttons also once these are used */}
      <div
        className={cn('mb-2 flex flex-wrap items-center justify-between gap-2', editable && 'min-h-7 pointer-coarse:min-h-10')}
      >
        <h2 id={id} className="text-sm font-semibold">
          {ENTRY_GROUPS[group].title}
        </h2>
        {editable && group !== 'tools' && (
          <DecideTogether entries={entries} draft={draft} mayApprove={detail.canApprove.ok} onChange={onChange} />
        )}
      </div>
      <ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-surface">
        {shown.map((entry) => (
          <li key={toEntryKey(entry)}>
            <Row
              entry={entry}
              detail={detail}
              chosen={draft[toEntryKey(entry)]}
              editable={editable}
              maySettle={maySettle}
              onChange={onChange}
            />
          </li>
        ))}
        {more && <li className="px-4 py-2.5">{more}</li>}
        {removed.map((entry) => (
          <li key={toEntryKey(entry)} className="flex flex-wrap items-center gap-x-3 px-4 py-2.5 text-subtle">
            <span className="min-w-0 font-mono line-through">
              <UntrustedText text={entry.name} isName />
            </span>
            <span className="text-xs">{describeRemoved(findLeftOut(detail.heldBack, entry).length > 0)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Why whoever looks approves this entry not even alone; null: somehow it can be approved. */
function findApproveRefusal({ canApprove, canBreakGlass, glassOver }: ReviewDetail, entry: ReviewEntry): string | null {
  if (canApprove.ok) return null;
  if (!canBreakGlass.ok) return canApprove.reason;
  return isGlassOver(glassOver, entry) ? (glassOver?.reason ?? null) : null;
}

/** Who has still to come before the approval of this entry stands; null: nobody. */
function findMissing({ waiting }: ReviewDetail, { decision }: ReviewEntry): 'owner' | 'second' | null {
  if (!waiting || waiting.isInEffect || decision.verdict === 'approved') return null;
  return waiting.isSeconded ? 'owner' : 'second';
}

function describeRemoved(isLeftOut: boolean): string {
  return isLeftOut
    ? 'Left out, for the reasons above. It is off.'
    : 'Not offered any more, or kept at its site: the page of the server says so. It is off.';
}

interface RowProps extends Pick<EntrySectionProps, 'detail' | 'editable' | 'maySettle' | 'onChange'> {
  entry: ReviewEntry;
  chosen: EntryDraft | undefined;
}

/** What is the same for all rows is given to each as it is: a row is made again when it was decided, and not when another one was. */
function Row({ entry, detail, chosen, editable, maySettle, onChange }: RowProps) {
  if (!chosen) return null;
  const key = toEntryKey(entry);
  // a review that is decided: what is left as it is takes nobody
  const stands = detail.review.state === 'decided' && !detail.waiting?.isInEffect;
  return (
    <EntryReview
      entry={entry}
      reviewId={detail.review.id}
      maySettle={maySettle}
      heldBack={detail.heldBack}
      draft={chosen}
      editable={editable}
      approveRefusal={findApproveRefusal(detail, entry)}
      forTwo={takesTwo(entry, chosen, stands)}
      missing={findMissing(detail, entry)}
      onChange={(next) => onChange((before) => ({ ...before, [key]: next }))}
    />
  );
}

type DecideTogetherProps = Pick<EntrySectionProps, 'draft' | 'onChange'> & {
  entries: readonly ReviewEntry[];
  mayApprove: boolean;
};

/** Decides everything that is still open at once. What hides something or has to be looked at is approved one by one. */
function DecideTogether({ entries, draft, mayApprove, onChange }: DecideTogetherProps) {
  const plain = filterPlainOthers(draft, entries);
  if (listUndecided(draft, entries).length < 2) return null;
  return (
    <div className="flex gap-2">
      {mayApprove && plain.length > 0 && (
        <Button size="small" onClick={() => startTransition(() => onChange((before) => decideAll(before, plain, 'approved')))}>
          Approve {plain.length === entries.length ? `all ${plain.length}` : plain.length}
        </Button>
      )}
      <RejectTogether size="small" noun="entry" entries={entries} draft={draft} onChange={onChange} />
    </div>
  );
}
