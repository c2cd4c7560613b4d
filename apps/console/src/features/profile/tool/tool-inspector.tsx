'use client';

import { XIcon } from '@phosphor-icons/react/ssr';
import { useMemo } from 'react';

import type { DraftTool } from '@gatehouse/policy/documents/profile';

import { Button, IconButton } from '../../../ui/button.tsx';
import { RefusedArguments } from '../../../ui/entity/client-refusal.tsx';
import { ToolSchema } from '../../../ui/entity/tool-schema.tsx';
import { LabelledChoice } from '../../../ui/form/choice.tsx';
import { Textarea } from '../../../ui/form/input.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { RiskBadge } from '../../../ui/status/badge.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { writeVisible } from '../../../ui/text/visible-text.ts';
import { ArgumentList } from '../arguments/argument-list.tsx';
import { findRuleProblems } from '../arguments/argument-rules.ts';
import { buildArgumentTree } from '../arguments/argument-tree.ts';
import type { Collision } from '../draft/collisions.ts';
import { buildServedTool, getToolChoice, isModified, type KnownEntry, type ToolChoice } from '../draft/draft.ts';
import { ServedTool } from './served-tool.tsx';
import { DescriptionField, NameField } from './tool-fields.tsx';

export interface ToolInspectorProps {
  known: KnownEntry;
  /** the draft's choices; null: it is looked at and not selected */
  tool: DraftTool | null;
  /** another selected tool wants the same name */
  collision: Collision | undefined;
  editable: boolean;
  onChange: (change: Partial<DraftTool>) => void;
  onSelect: (on: boolean) => void;
  onClose: () => void;
}

/** One tool: what the server says, and what this profile makes of it. */
export function ToolInspector(props: ToolInspectorProps) {
  const { known, tool, editable, onSelect, onClose } = props;
  const { server, name } = known;
  const choice = getToolChoice(known);
  const selectable = choice !== null && choice.problem === null;
  return (
    <Card
      title={`${server.name} / ${writeVisible(name)}`}
      actions={<IconButton label="Close" size="small" icon={<XIcon size={14} />} onClick={onClose} />}
    >
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center gap-2">
          {choice?.risk && <RiskBadge risk={choice.risk} assumed={choice.riskAssumed} />}
          {choice?.problem && <span className="text-warn-fg">Cannot be used: {choice.problem.text}.</span>}
          {!choice && <span className="text-warn-fg">Its server no longer offers it.</span>}
          {editable && tool && (
            <Button variant="ghost" size="small" className="ml-auto" onClick={() => onSelect(false)}>
              Take out
            </Button>
          )}
          {editable && !tool && selectable && (
            <Button size="small" className="ml-auto" onClick={() => onSelect(true)}>
              Select
            </Button>
          )}
        </div>
        {tool ? <Choices {...props} tool={tool} /> : <Original choice={choice} />}
        {choice && !tool && (
          <section>
            <h3 className="mb-2 text-xs font-medium text-subtle">Arguments</h3>
            <ToolSchema schema={choice.definition.inputSchema} label="Arguments" />
          </section>
        )}
      </div>
    </Card>
  );
}

function Original({ choice }: { choice: ToolChoice | null }) {
  if (!choice) return null;
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-subtle">Description</h3>
      {choice.description ? <UntrustedText text={choice.description} /> : <p className="text-muted">None.</p>}
    </section>
  );
}

function Choices({ known, tool, collision, editable, onChange }: ToolInspectorProps & { tool: DraftTool }) {
  return (
    <>
      <NameField known={known} tool={tool} collision={collision} editable={editable} onChange={onChange} />
      <DescriptionField known={known} tool={tool} editable={editable} onChange={onChange} />
      <Arguments known={known} tool={tool} editable={editable} onChange={onChange} />
      <section className="flex flex-col gap-2">
        <LabelledChoice
          label="When an AI client calls it"
          value={tool.rule}
          disabled={!editable}
          onValueChange={(rule) => onChange({ rule })}
          options={[
            { value: 'allow', label: 'Allow' },
            { value: 'deny', label: 'Deny', tone: 'danger' },
          ]}
        />
        {tool.rule === 'deny' && (
          <Textarea
            label="What should the caller do instead?"
            optional
            rows={2}
            maxLength={500}
            disabled={!editable}
            hint="The tool is not listed. A client that calls it anyway is told this."
            placeholder="Ask your team lead to refund in the back office."
            value={tool.denyReason ?? ''}
            onChange={(event) => onChange({ denyReason: event.target.value === '' ? null : event.target.value })}
          />
        )}
      </section>
      {editable && isModified(tool) && (
        <Button size="small" className="self-start" onClick={() => onChange({ rename: null, describe: null, arguments: [] })}>
          Reset everything to the server’s own
        </Button>
      )}
      <ServedTool known={known} tool={tool} />
    </>
  );
}

function Arguments({
  known,
  tool,
  editable,
  onChange,
}: Pick<ToolInspectorProps, 'known' | 'editable' | 'onChange'> & { tool: DraftTool }) {
  const schema = getToolChoice(known)?.definition.inputSchema;
  const tree = useMemo(() => (schema ? buildArgumentTree(schema) : []), [schema]);
  const problems = useMemo(() => (schema ? findRuleProblems(schema, tool.arguments) : []), [schema, tool.arguments]);
  const served = useMemo(() => buildServedTool(known, tool), [known, tool]);
  if (!schema && tool.arguments.length === 0) return null;
  return (
    <section className="flex min-w-0 flex-col gap-2">
      <h3 className="text-sm font-medium">Arguments</h3>
      {served && <RefusedArguments schema={served.inputSchema} />}
      <ArgumentList
        tree={tree}
        rules={tool.arguments}
        problems={problems}
        editable={editable}
        onChange={(rules) => onChange({ arguments: rules })}
      />
    </section>
  );
}
