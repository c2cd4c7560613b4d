'use client';

import { CheckIcon, EyeSlashIcon, ProhibitIcon, UsersIcon, WarningIcon } from '@phosphor-icons/react/ssr';

import { Choice } from '../../ui/form/choice.tsx';
import { Input } from '../../ui/form/input.tsx';
import { Expandable } from '../../ui/layout/expandable.tsx';
import { Badge, RiskBadge } from '../../ui/status/badge.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { describeLogged, type EntryDraft, type ToolDraft } from './decision-draft.ts';
import { DefinitionView } from './definition-view.tsx';
import { Elsewhere } from './elsewhere.tsx';
import { EntryNotes } from './entry-notes.tsx';
import { EntryFindings } from './finding/entry-findings.tsx';
import { IgnoredWords } from './ignored-words.tsx';
import {
  countFindings,
  countHiddenInEntry,
  getFirstLine,
  countOpenFindings,
  hasFindings,
  hasOpenFindings,
  type ReviewDetail,
  type ReviewEntry,
  type ReviewTool,
} from './summary.ts';
import { ToolDecision } from './tool-decision.tsx';

const CHANGE = { new: 'New', changed: 'Changed', unchanged: null } as const;

export interface EntryReviewProps {
  entry: ReviewEntry;
  reviewId: string;
  /** who looks may say what its findings are */
  maySettle: boolean;
  heldBack: ReviewDetail['heldBack'];
  draft: EntryDraft;
  editable: boolean;
  /** why this person may not approve it, told before trying */
  approveRefusal: string | null;
  /** approving it like this takes a second person */
  forTwo: boolean;
  /** who has still to come before its approval stands; null: nobody */
  missing: keyof typeof MISSING | null;
  onChange: (next: EntryDraft) => void;
}

const MISSING = { owner: 'Approved, the owner to agree', second: 'Approved by 1 of 2' } as const;

/** One entry of a review: a line to scan, and below it all that would be read of it and all that is decided. */
export function EntryReview(props: EntryReviewProps) {
  const { entry, heldBack, draft, editable, approveRefusal, forTwo, missing, onChange } = props;
  return (
    <Expandable
      defaultOpen={
        entry.change === 'changed' || entry.reworded.length > 0 || hasOpenFindings(entry) || countHiddenInEntry(entry) > 0
      }
      summary={<SummaryLine entry={entry} draft={draft} editable={editable} forTwo={forTwo} />}
      actions={
        editable ? (
          <Choice
            label={`Decision on ${entry.name}`}
            value={draft.verdict}
            onValueChange={(verdict) => onChange({ ...draft, verdict })}
            options={[
              { value: 'approved', label: 'Approve', icon: CheckIcon, tone: 'ok', disabled: approveRefusal !== null },
              { value: 'rejected', label: 'Reject', icon: ProhibitIcon, tone: 'danger' },
            ]}
          />
        ) : (
          <Verdict verdict={draft.verdict} missing={missing} />
        )
      }
    >
      <div className="grid gap-6 px-4 py-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <DefinitionView entry={entry} />
        <div className="flex min-w-0 flex-col gap-4">
          {editable && approveRefusal !== null && (
            <p className="rounded-control bg-info-bg px-3 py-2 text-info-fg">{approveRefusal}</p>
          )}
          {entry.elsewhere.length > 0 && <Elsewhere entry={entry} />}
          {hasFindings(entry) && <EntryFindings {...props} />}
          <EntryNotes entry={entry} heldBack={heldBack} />
          <IgnoredWords entry={entry} draft={draft} editable={editable} onChange={onChange} />
          {entry.kind === 'tool' && draft.kind === 'tool' && (
            <ToolDecision tool={entry} draft={draft} editable={editable} onChange={onChange} />
          )}
          <Note draft={draft} editable={editable} onChange={onChange} />
          <DecidedBy decision={entry.decision} />
        </div>
      </div>
    </Expandable>
  );
}

function SummaryLine({ entry, draft, editable, forTwo }: Pick<EntryReviewProps, 'entry' | 'draft' | 'editable' | 'forTwo'>) {
  const hidden = countHiddenInEntry(entry);
  const findings = countOpenFindings(entry);
  const settled = countFindings(entry) - findings;
  const line = getFirstLine(entry);
  const change = CHANGE[entry.change];
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      <span className="min-w-0 font-mono font-medium">
        <UntrustedText text={entry.name} isName />
      </span>
      {entry.kind === 'tool' && draft.kind === 'tool' && <ToolRisk tool={entry} draft={draft} />}
      {entry.kind === 'template' && <Badge>Template</Badge>}
      {change && <Badge tone="info">{change}</Badge>}
      {/* a decision that stands says it already */}
      {entry.wasRejected && (editable || draft.verdict !== 'rejected') && <Badge tone="danger">Rejected before</Badge>}
      {forTwo && <Badge icon={UsersIcon}>Takes two</Badge>}
      {findings > 0 && (
        <Badge tone="danger" icon={WarningIcon}>
          {describeCount(findings, 'finding')}
        </Badge>
      )}
      {settled > 0 && <Badge>{describeCount(settled, 'settled finding')}</Badge>}
      {hidden > 0 && (
        <Badge tone="danger" icon={EyeSlashIcon}>
          {describeCount(hidden, 'hidden character')}
        </Badge>
      )}
      {entry.kind === 'tool' && draft.kind === 'tool' && draft.verdict !== 'rejected' && (
        <span className="text-xs font-normal text-subtle">{describeLogged(draft)}</span>
      )}
      {line !== '' && (
        <span className="basis-full truncate text-xs font-normal text-muted">
          <UntrustedText text={line} oneLine />
        </span>
      )}
    </span>
  );
}

function ToolRisk({ tool, draft }: { tool: ReviewTool; draft: ToolDraft }) {
  return <RiskBadge risk={draft.risk} assumed={tool.assumed && draft.verdict === null && draft.risk === 'destructive'} />;
}

/** A decision, in a word: one that stands, or one that waits. */
function Verdict({ verdict, missing }: Pick<EntryDraft, 'verdict'> & Pick<EntryReviewProps, 'missing'>) {
  if (verdict === null) return <Badge tone="warn">Undecided</Badge>;
  if (verdict === 'approved' && missing !== null) {
    return (
      <Badge tone="warn" icon={UsersIcon}>
        {MISSING[missing]}
      </Badge>
    );
  }
  return verdict === 'approved' ? (
    <Badge icon={CheckIcon}>Approved</Badge>
  ) : (
    <Badge tone="danger" icon={ProhibitIcon}>
      Rejected
    </Badge>
  );
}

function DecidedBy({ decision: { decidedBy, decidedAt } }: Pick<ReviewEntry, 'decision'>) {
  if (!decidedBy) return null;
  return (
    <p className="text-xs text-subtle">
      Decided by {decidedBy.name}
      {decidedAt && (
        <>
          , <RelativeTime at={decidedAt} />
        </>
      )}
    </p>
  );
}

function Note({ draft, editable, onChange }: Pick<EntryReviewProps, 'draft' | 'editable' | 'onChange'>) {
  if (!editable) {
    return draft.note ? (
      <p>
        <span className="block text-xs text-subtle">Note</span>
        {draft.note}
      </p>
    ) : null;
  }
  return (
    <Input
      label="Note"
      optional={draft.verdict !== 'rejected'}
      maxLength={1_000}
      placeholder={draft.verdict === 'rejected' ? 'Why, and what would change it' : 'Why it is fine'}
      value={draft.note}
      onChange={(event) => onChange({ ...draft, note: event.target.value })}
    />
  );
}
