'use client';

import { useState } from 'react';

import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { filterByGroup, ENTRY_GROUPS, type EntryGroup } from '../../ui/entity/entry-group.ts';
import { type EntryState, useEntryFilter } from '../../ui/entity/use-entry-filter.tsx';
import { useShown } from '../../ui/list/use-shown.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { filterPlainOthers, listUndecided, type EntryDraft, type ReviewDraft, takesTwo } from './decision-draft.ts';
import { RejectTogether } from './draft/reject-together.tsx';
import { type TogetherProps, useDecideTogether } from './draft/use-decide-together.ts';
import { EntryReview } from './entry-review.tsx';
import { findLeftOut } from './find-left-out.ts';
import { getFirstLine, hasFindings, isGlassOver, type ReviewDetail, type ReviewEntry, sortChangesFirst } from './summary.ts';

export interface EntrySectionProps {
  group: EntryGroup;
  detail: ReviewDetail;
  draft: ReviewDraft;
  editable: boolean;
  /** settles findings, decided on or not */
  maySettle: boolean;
  onChange: (change: (before: ReviewDraft) => ReviewDraft) => void;
}

const STATES: readonly EntryState<ReviewEntry>[] = [
  { value: 'changed', label: 'Changed', holds: ({ change }) => change === 'changed' },
  { value: 'new', label: 'New', holds: ({ change }) => change === 'new' },
  { value: 'unchanged', label: 'As before', holds: ({ change }) => change === 'unchanged' },
  { value: 'findings', label: 'With findings', holds: hasFindings },
];

const toKeys = (entries: readonly ReviewEntry[]): ReadonlySet<string> => new Set(entries.map(toEntryKey));

/** The entries of a group. Tools are decided one by one, or by risk at the top of the page; the others also together. */
export function EntrySection({ group, detail, draft, editable, maySettle, onChange }: EntrySectionProps) {
  const entries = sortChangesFirst(filterByGroup(group, detail.entries));
  const { found, fields, isNarrowed, clear } = useFilter({ group, draft, editable }, entries);
  const { shown, more } = useShown(found);
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
          <DecideTogether entries={found} draft={draft} mayApprove={detail.canApprove.ok} onChange={onChange} />
        )}
      </div>
      {fields && <div className="mb-2">{fields}</div>}
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
        {isNarrowed && found.length === 0 && (
          <li>
            <EmptyState title="Nothing matches" action={<Button onClick={clear}>Clear the filter</Button>} />
          </li>
        )}
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

/** What is found of the entries of a group. */
function useFilter(
  { group, draft, editable }: Pick<EntrySectionProps, 'group' | 'draft' | 'editable'>,
  entries: readonly ReviewEntry[],
) {
  // as it was when the page was opened or somebody asked: no row goes from under the hand that decides it
  const [undecided, setUndecided] = useState(() => toKeys(listUndecided(draft, entries)));
  const open: EntryState<ReviewEntry> = {
    value: 'undecided',
    label: 'Undecided',
    holds: (entry) => undecided.has(toEntryKey(entry)),
  };
  return useEntryFilter({
    group,
    entries,
    getText: (entry) => `${entry.name} ${getFirstLine(entry)}`,
    getRisk: (entry) => (entry.kind === 'tool' ? entry.weighedRisk : null),
    stateLabel: ['Show', 'All'],
    states: editable ? [...STATES, open] : STATES,
    onState: () => setUndecided(toKeys(listUndecided(draft, entries))),
  });
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

type DecideTogetherProps = TogetherProps & {
  entries: readonly ReviewEntry[];
  mayApprove: boolean;
};

/** Decides everything that is still open at once. What hides something or has to be looked at is approved one by one. */
function DecideTogether({ entries, draft, mayApprove, onChange }: DecideTogetherProps) {
  const decideTogether = useDecideTogether({ draft, onChange });
  const plain = filterPlainOthers(draft, entries);
  if (listUndecided(draft, entries).length < 2) return null;
  return (
    <div className="flex gap-2">
      {mayApprove && plain.length > 0 && (
        <Button size="small" onClick={() => decideTogether(plain, 'approved')}>
          Approve {plain.length === entries.length ? `all ${plain.length}` : plain.length}
        </Button>
      )}
      <RejectTogether size="small" noun="entry" entries={entries} draft={draft} onChange={onChange} />
    </div>
  );
}
