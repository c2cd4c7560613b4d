'use client';

import type { DraftTool } from '@gatehouse/policy/profile';
import { ToolName } from '@gatehouse/policy/tool-definition';
import { XIcon } from '@phosphor-icons/react/ssr';
import { useState } from 'react';

import { RiskBadge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Input, Textarea } from '../../ui/input.tsx';
import { ToolSchema } from '../../ui/tool-schema.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { WordDiff } from '../../ui/word-diff.tsx';
import type { KnownTool } from './draft.ts';

export interface ToolInspectorProps {
  known: KnownTool;
  /** the draft's choices; null: it is looked at and not selected */
  tool: DraftTool | null;
  editable: boolean;
  onChange: (change: Partial<DraftTool>) => void;
  onSelect: (on: boolean) => void;
  onClose: () => void;
}

/** One tool: what the server says, and what this profile makes of it. */
export function ToolInspector(props: ToolInspectorProps) {
  const { known, tool, editable, onSelect, onClose } = props;
  const { server, toolName, choice } = known;
  const selectable = choice !== null && choice.problem === null;
  return (
    <Card
      title={`${server.name} / ${toolName}`}
      actions={<IconButton label="Close" size="small" icon={<XIcon size={14} />} onClick={onClose} />}
    >
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center gap-2">
          {choice && <RiskBadge risk={choice.risk} assumed={choice.riskAssumed} />}
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
        {choice && (
          <section>
            <h3 className="mb-2 text-xs font-medium text-subtle">Arguments</h3>
            <ToolSchema schema={choice.definition.inputSchema} label="Arguments" />
          </section>
        )}
      </div>
    </Card>
  );
}

function Original({ choice }: Pick<KnownTool, 'choice'>) {
  if (!choice) return null;
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-subtle">Description</h3>
      {choice.description ? <UntrustedText text={choice.description} /> : <p className="text-muted">None.</p>}
    </section>
  );
}

function Choices({ known, tool, editable, onChange }: ToolInspectorProps & { tool: DraftTool }) {
  return (
    <>
      <NameField known={known} tool={tool} editable={editable} onChange={onChange} />
      <DescriptionField known={known} tool={tool} editable={editable} onChange={onChange} />
      <section className="flex flex-col gap-2">
        <p className="text-sm font-medium">When an AI client calls it</p>
        <Choice
          label="When an AI client calls it"
          className="self-start"
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
    </>
  );
}

type FieldProps = Pick<ToolInspectorProps, 'known' | 'editable' | 'onChange'> & { tool: DraftTool };

/** A name is saved once it is one; half a name stays in the field. */
function NameField({ known, tool, editable, onChange }: FieldProps) {
  const [text, setText] = useState(tool.rename ?? '');
  const [saved, setSaved] = useState(tool.rename);
  // Set from elsewhere, by the button that settles a collision.
  if (tool.rename !== saved) {
    setSaved(tool.rename);
    setText(tool.rename ?? '');
  }
  const parsed = ToolName.safeParse(text);
  const problem = text !== '' && !parsed.success ? 'Use 1 to 128 characters of A-Z a-z 0-9 _ - .' : undefined;

  function change(next: string): void {
    setText(next);
    const rename = next === '' || next === known.toolName ? null : next;
    if (rename !== null && !ToolName.safeParse(rename).success) return;
    setSaved(rename);
    onChange({ rename });
  }

  return (
    <Input
      label="Name shown"
      mono
      spellCheck={false}
      autoComplete="off"
      disabled={!editable}
      placeholder={known.toolName}
      error={problem}
      hint={tool.rename === null ? 'The server’s own name.' : `Modified. The server calls it ${known.toolName}.`}
      value={text}
      onChange={(event) => change(event.target.value)}
    />
  );
}

function DescriptionField({ known, tool, editable, onChange }: FieldProps) {
  const original = known.choice?.description ?? '';
  return (
    <div className="flex flex-col gap-2">
      <Textarea
        label="Description"
        rows={4}
        maxLength={4_000}
        disabled={!editable}
        hint={tool.describe === null ? 'The server’s own. Edit it for this workflow.' : undefined}
        value={tool.describe ?? original}
        onChange={(event) => onChange({ describe: event.target.value === original ? null : event.target.value })}
      />
      {tool.describe !== null && (
        <div className="rounded-control bg-sunken px-3 py-2 text-xs">
          <div className="mb-1 flex items-center justify-between gap-2">
            <span className="text-subtle">Modified</span>
            {editable && (
              <Button variant="ghost" size="small" className="h-6 px-1.5" onClick={() => onChange({ describe: null })}>
                Reset
              </Button>
            )}
          </div>
          <WordDiff before={original} after={tool.describe} />
        </div>
      )}
    </div>
  );
}
