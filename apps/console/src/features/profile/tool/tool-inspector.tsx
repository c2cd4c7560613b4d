'use client';

import { XIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { DraftTool } from '@gatehouse/policy/documents/profile';

import { useTRPC } from '../../../trpc/client.tsx';
import { Button, IconButton } from '../../../ui/button.tsx';
import { RefusedArguments } from '../../../ui/entity/client-refusal.tsx';
import { ToolSchema } from '../../../ui/entity/tool-schema.tsx';
import { LabelledChoice } from '../../../ui/form/choice.tsx';
import { Textarea } from '../../../ui/form/input.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { RiskBadge } from '../../../ui/status/badge.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { writeVisible } from '../../../ui/text/visible-text.ts';
import { ArgumentList } from '../arguments/argument-list.tsx';
import { findRuleProblems } from '../arguments/argument-rules.ts';
import { buildArgumentTree } from '../arguments/argument-tree.ts';
import type { Collision } from '../draft/collisions.ts';
import { buildServedTool, isModified, type KnownEntry, type ToolChoice, toEntryRef } from '../draft/draft.ts';
import { ServedTool } from './served-tool.tsx';
import { DescriptionField, NameField } from './tool-fields.tsx';

export interface ToolInspectorProps {
  profileId: string;
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
  const { profileId, known, onClose } = props;
  const { server, name } = known;
  const trpc = useTRPC();
  const gone = known.problem?.code === 'not_offered' || known.problem?.code === 'server_deleted';
  const query = useQuery(trpc.entry.choice.queryOptions({ profileId, ...toEntryRef(known) }, { enabled: !gone }));
  const choice = query.data?.kind === 'tool' ? query.data : null;
  return (
    <Card
      title={`${server.name} / ${writeVisible(name)}`}
      actions={<IconButton label="Close" size="small" icon={<XIcon size={14} />} onClick={onClose} />}
    >
      {gone ? (
        <Inspected {...props} choice={null} />
      ) : (
        <Loaded query={query} errorTitle="The tool could not be loaded">
          {() => <Inspected {...props} choice={choice} />}
        </Loaded>
      )}
    </Card>
  );
}

/** `choice` null: its server no longer offers it. */
interface InspectedProps extends ToolInspectorProps {
  choice: ToolChoice | null;
}

function Inspected(props: InspectedProps) {
  const { known, choice, tool, editable, onSelect } = props;
  // what a selected tool has against it is also of its own choices
  const problem = tool ? known.problem : (choice?.problem ?? known.problem);
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center gap-2">
        {choice?.risk && <RiskBadge risk={choice.risk} assumed={choice.riskAssumed} />}
        {problem && <span className="text-warn-fg">Cannot be used: {problem.text}.</span>}
        {editable && tool && (
          <Button variant="ghost" size="small" className="ml-auto" onClick={() => onSelect(false)}>
            Take out
          </Button>
        )}
        {editable && !tool && choice && problem === null && (
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

function Choices({ choice, tool, collision, editable, onChange }: InspectedProps & { tool: DraftTool }) {
  return (
    <>
      <NameField tool={tool} collision={collision} editable={editable} onChange={onChange} />
      <DescriptionField original={choice?.description ?? ''} tool={tool} editable={editable} onChange={onChange} />
      <Arguments choice={choice} tool={tool} editable={editable} onChange={onChange} />
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
      {choice && <ServedTool choice={choice} tool={tool} />}
    </>
  );
}

function Arguments({
  choice,
  tool,
  editable,
  onChange,
}: Pick<InspectedProps, 'choice' | 'editable' | 'onChange'> & { tool: DraftTool }) {
  const schema = choice?.definition.inputSchema;
  const tree = useMemo(() => (schema ? buildArgumentTree(schema) : []), [schema]);
  const problems = useMemo(() => (schema ? findRuleProblems(schema, tool.arguments) : []), [schema, tool.arguments]);
  const served = useMemo(() => choice && buildServedTool(choice, tool), [choice, tool]);
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
