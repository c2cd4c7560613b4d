'use client';

import { useMemo, useState } from 'react';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { DraftTool } from '@gatehouse/policy/documents/profile';

import { ToolSchema } from '../../../ui/entity/tool-schema.tsx';
import { Choice } from '../../../ui/form/choice.tsx';
import { JsonView } from '../../../ui/text/json-view.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { buildServedTool, type ToolChoice } from '../draft/draft.ts';
import { TokenCost } from './token-cost.tsx';

/** The tool as AI clients will get it, as its reader and as its bytes, and what the choices save. */
export function ServedTool({ choice, tool }: { choice: ToolChoice; tool: DraftTool }) {
  const [view, setView] = useState<'tool' | 'json'>('tool');
  const own = useMemo(() => buildServedTool(choice, null), [choice]);
  const served = useMemo(() => buildServedTool(choice, tool), [choice, tool]);
  if (tool.rule === 'deny' || !served || !own) return null;
  return (
    <section className="flex min-w-0 flex-col gap-2 border-t border-line pt-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-medium">As AI clients get it</h3>
        <Choice
          label="View of the served tool"
          value={view}
          onValueChange={setView}
          options={[
            { value: 'tool', label: 'Tool' },
            { value: 'json', label: 'JSON' },
          ]}
        />
      </div>
      <TokenCost before={JSON.stringify(own)} after={JSON.stringify(served)} />
      {view === 'json' ? <JsonView value={served} label="Served definition" /> : <RenderedTool tool={served} />}
    </section>
  );
}

/** Name, description, hints and arguments of an entry of `tools/list`. */
export function RenderedTool({ tool }: { tool: ToolDefinition }) {
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <p className="font-mono text-xs font-medium break-words">
        <UntrustedText text={tool.name} />
      </p>
      <div className="text-muted">{tool.description ? <UntrustedText text={tool.description} /> : 'No description.'}</div>
      <p className="text-xs text-subtle">
        Hints by which clients ask before a call:{' '}
        <span className="font-mono">
          <UntrustedText text={describeHints(tool)} />
        </span>
      </p>
      <ToolSchema schema={tool.inputSchema} label={`Served arguments of ${tool.name}`} />
    </div>
  );
}

function describeHints({ annotations = {} }: ToolDefinition): string {
  const hints = Object.entries(annotations).flatMap(([name, value]) => (typeof value === 'boolean' ? [`${name}: ${value}`] : []));
  return hints.length === 0 ? 'none, so it counts as destructive' : hints.join(', ');
}
