'use client';

import { Select } from '../../ui/form/select.tsx';
import { RiskBadge, riskWord } from '../../ui/status/badge.tsx';
import type { EntryDraft, Risk, ToolDraft } from './decision-draft.ts';
import { EntryReview } from './entry-review.tsx';
import { LogFields } from './log-fields.tsx';
import type { ReviewTool } from './summary.ts';
import { ToolDefinitionView } from './tool-definition-view.tsx';

const RISKS: readonly Risk[] = ['read', 'write', 'destructive', 'open_world'];

export interface ToolReviewProps {
  tool: ReviewTool;
  draft: ToolDraft;
  editable: boolean;
  /** why this person may not approve this tool, told before trying */
  approveRefusal: string | null;
  onChange: (next: EntryDraft) => void;
}

/** One tool of a review: beside the verdict, its risk and the values of it that are logged are decided. */
export function ToolReview({ tool, draft, editable, approveRefusal, onChange }: ToolReviewProps) {
  const assumed = tool.assumed && draft.verdict === null && draft.risk === 'destructive';
  return (
    <EntryReview
      entry={tool}
      draft={draft}
      editable={editable}
      approveRefusal={approveRefusal}
      onChange={onChange}
      badge={<RiskBadge risk={draft.risk} assumed={assumed} />}
      definition={<ToolDefinitionView tool={tool} />}
    >
      <RiskDecision tool={tool} draft={draft} editable={editable} onChange={onChange} />
      {(editable || draft.verdict === 'approved') && (
        <Logging tool={tool} draft={draft} editable={editable} onChange={onChange} />
      )}
    </EntryReview>
  );
}

type PartProps = Omit<ToolReviewProps, 'approveRefusal'>;

/** Says where each opinion on the risk comes from; the reviewer's is the one that counts. */
function RiskDecision({ tool, draft, editable, onChange }: PartProps) {
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
      onValueChange={(risk) => onChange({ ...draft, risk })}
      options={RISKS.map((risk) => ({ value: risk, label: riskWord(risk) }))}
    />
  );
}

function Logging({ tool, draft, editable, onChange }: PartProps) {
  return (
    <>
      <LogFields
        what="arguments"
        fields={tool.argumentFields}
        suggested={tool.suggestedLogArguments}
        chosen={draft.logArguments}
        disabled={!editable}
        onChange={(logArguments) => onChange({ ...draft, logArguments })}
      />
      <LogFields
        what="results"
        fields={tool.resultFields}
        suggested={tool.suggestedLogResults}
        chosen={draft.logResults}
        disabled={!editable}
        onChange={(logResults) => onChange({ ...draft, logResults })}
      />
    </>
  );
}
