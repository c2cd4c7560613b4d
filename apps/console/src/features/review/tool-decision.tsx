'use client';

import { Risk } from '@gatehouse/policy/documents/definition';

import { RefusedArguments } from '../../ui/entity/client-refusal.tsx';
import { Select } from '../../ui/form/select.tsx';
import { describeRisk } from '../../ui/status/badge.tsx';
import { lowersRisk, type ToolDraft } from './decision-draft.ts';
import { LogFields } from './log-fields.tsx';
import type { ReviewTool } from './summary.ts';

export interface ToolDecisionProps {
  tool: ReviewTool;
  draft: ToolDraft;
  editable: boolean;
  onChange: (next: ToolDraft) => void;
}

/** What is decided on a tool beside the verdict: its risk, and the values of it that are logged. */
export function ToolDecision(props: ToolDecisionProps) {
  return (
    <>
      <RiskDecision {...props} />
      <RefusedArguments schema={props.tool.definition.inputSchema} />
      {(props.editable || props.draft.verdict === 'approved') && <Logging {...props} />}
    </>
  );
}

/** Says where each opinion on the risk comes from; the reviewer's is the one that counts. */
function RiskDecision({ tool, draft, editable, onChange }: ToolDecisionProps) {
  const { declared, named, decided } = tool.opinions;
  const said = tool.assumed
    ? 'The server does not say, so destructive is assumed.'
    : `The server says: ${describeRisk(declared).toLowerCase()}.`;
  const others = [
    named === 'read' || named === declared ? '' : ` Its words suggest: ${describeRisk(named).toLowerCase()}.`,
    decided === null || decided === declared ? '' : ` It was decided before: ${describeRisk(decided).toLowerCase()}.`,
    lowersRisk(tool, draft) ? ' This is lower: it takes a reason and a second person.' : '',
  ].join('');
  if (!editable) {
    return (
      <p>
        <span className="block text-xs text-subtle">Risk</span>
        {describeRisk(draft.risk)} <span className="text-muted">· {said}</span>
      </p>
    );
  }
  return (
    <Select
      label="Risk"
      hint={said + others}
      value={draft.risk}
      onValueChange={(risk) => onChange({ ...draft, risk })}
      options={Risk.options.map((risk) => ({ value: risk, label: describeRisk(risk) }))}
    />
  );
}

const LOGGED = [
  { what: 'arguments', fields: 'argumentFields', suggested: 'suggestedLogArguments', chosen: 'logArguments' },
  { what: 'results', fields: 'resultFields', suggested: 'suggestedLogResults', chosen: 'logResults' },
] as const;

function Logging({ tool, draft, editable, onChange }: ToolDecisionProps) {
  return LOGGED.map(({ what, fields, suggested, chosen }) => (
    <LogFields
      key={what}
      what={what}
      fields={tool[fields]}
      suggested={tool[suggested]}
      chosen={draft[chosen]}
      disabled={!editable}
      onChange={(pointers) => onChange({ ...draft, [chosen]: pointers })}
    />
  ));
}
