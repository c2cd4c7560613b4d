'use client';

import { CheckIcon, EyeSlashIcon, ProhibitIcon } from '@phosphor-icons/react/ssr';
import { Badge, RiskBadge, riskWord } from '../../ui/badge.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Expandable } from '../../ui/expandable.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import type { Risk, ToolDraft } from './decision-draft.ts';
import { LogFields } from './log-fields.tsx';
import { hiddenCharacters, type ReviewTool } from './summary.ts';
import { ToolDefinitionView } from './tool-definition-view.tsx';

const CHANGE = { new: 'New', changed: 'Changed', unchanged: null } as const;
const RISKS: readonly Risk[] = ['read', 'write', 'destructive', 'open_world'];

export interface ToolReviewProps {
  tool: ReviewTool;
  draft: ToolDraft;
  editable: boolean;
  /** why this person may not approve this tool, told before trying */
  approveRefusal: string | null;
  onChange: (change: Partial<ToolDraft>) => void;
}

/** One tool of a review: a line to scan, and below it all that a model would read and all that is decided. */
export function ToolReview({ tool, draft, editable, approveRefusal, onChange }: ToolReviewProps) {
  const hidden = hiddenCharacters(tool);
  const change = CHANGE[tool.change];
  return (
    <Expandable
      defaultOpen={tool.change === 'changed' || hidden > 0}
      summary={
        <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-mono font-medium">
            <UntrustedText text={tool.name} />
          </span>
          <RiskBadge risk={draft.risk} assumed={tool.assumed && draft.verdict === null && draft.risk === 'destructive'} />
          {change && <Badge tone="info">{change}</Badge>}
          {hidden > 0 && (
            <Badge tone="danger" icon={EyeSlashIcon}>
              {hidden === 1 ? '1 hidden character' : `${hidden} hidden characters`}
            </Badge>
          )}
        </span>
      }
      actions={
        editable ? (
          <Choice
            label={`Decision on ${tool.name}`}
            value={draft.verdict}
            onValueChange={(verdict) => onChange({ verdict })}
            options={[
              { value: 'approved', label: 'Approve', icon: CheckIcon, tone: 'ok', disabled: approveRefusal !== null },
              { value: 'rejected', label: 'Reject', icon: ProhibitIcon, tone: 'danger' },
            ]}
          />
        ) : (
          <Verdict verdict={draft.verdict} />
        )
      }
    >
      <div className="grid gap-6 px-4 py-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <ToolDefinitionView tool={tool} />
        <div className="flex min-w-0 flex-col gap-4">
          {editable && approveRefusal !== null && (
            <p className="rounded-control bg-info-bg px-3 py-2 text-info-fg">{approveRefusal}</p>
          )}
          <RiskDecision tool={tool} draft={draft} editable={editable} onChange={onChange} />
          {(editable || draft.verdict === 'approved') && (
            <Logging tool={tool} draft={draft} editable={editable} onChange={onChange} />
          )}
          <Note draft={draft} editable={editable} onChange={onChange} />
          {tool.decision.decidedBy && <p className="text-xs text-subtle">Decided by {tool.decision.decidedBy.name}</p>}
        </div>
      </div>
    </Expandable>
  );
}

/** A decision that stands, in a word. */
export function Verdict({ verdict }: Pick<ToolDraft, 'verdict'>) {
  if (verdict === null) return <Badge tone="warn">Undecided</Badge>;
  return verdict === 'approved' ? (
    <Badge icon={CheckIcon}>Approved</Badge>
  ) : (
    <Badge tone="danger" icon={ProhibitIcon}>
      Rejected
    </Badge>
  );
}

type PartProps = Pick<ToolReviewProps, 'draft' | 'editable' | 'onChange'>;

/** Says where each opinion on the risk comes from; the reviewer's is the one that counts. */
function RiskDecision({ tool, draft, editable, onChange }: PartProps & { tool: ReviewTool }) {
  const said = tool.assumed
    ? 'The server does not say, so destructive is assumed.'
    : `The server says: ${riskWord(tool.declaredRisk).toLowerCase()}.`;
  const suggestion =
    tool.suggestedRisk === tool.declaredRisk ? '' : ` Its name suggests: ${riskWord(tool.suggestedRisk).toLowerCase()}.`;
  if (!editable) {
    return (
      <p>
        <span className="block text-xs text-subtle">Risk</span>
        {riskWord(draft.risk)} <span className="text-muted">· {said}</span>
      </p>
    );
  }
  return (
    <Select
      label="Risk"
      hint={said + suggestion}
      value={draft.risk}
      onValueChange={(risk) => onChange({ risk })}
      options={RISKS.map((risk) => ({ value: risk, label: riskWord(risk) }))}
    />
  );
}

function Logging({ tool, draft, editable, onChange }: PartProps & { tool: ReviewTool }) {
  return (
    <>
      <LogFields
        what="arguments"
        fields={tool.argumentFields}
        suggested={tool.suggestedLogArguments}
        chosen={draft.logArguments}
        disabled={!editable}
        onChange={(logArguments) => onChange({ logArguments })}
      />
      <LogFields
        what="results"
        fields={tool.resultFields}
        suggested={tool.suggestedLogResults}
        chosen={draft.logResults}
        disabled={!editable}
        onChange={(logResults) => onChange({ logResults })}
      />
    </>
  );
}

function Note({ draft, editable, onChange }: PartProps) {
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
      optional
      maxLength={1_000}
      placeholder={draft.verdict === 'rejected' ? 'Why, and what would change it' : 'Why it is fine'}
      value={draft.note}
      onChange={(event) => onChange({ note: event.target.value })}
    />
  );
}
