'use client';

import type { DraftTool, ProfileDraft } from '@gatehouse/policy/documents/profile';
import { WarningIcon } from '@phosphor-icons/react/ssr';

import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { cn } from '../../ui/cn.ts';
import { EmptyState } from '../../ui/states.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { isModified, keyOf, type KnownTool, toolsOf } from './draft.ts';

export interface SelectedToolsProps {
  draft: ProfileDraft;
  known: ReadonlyMap<string, KnownTool>;
  activeKey: string | null;
  onActivate: (key: string) => void;
}

/** What is in the profile, by server, under the names AI clients see. */
export function SelectedTools({ draft, known, activeKey, onActivate }: SelectedToolsProps) {
  const tools = toolsOf(draft);
  const byServer = Map.groupBy(tools, ({ serverId }) => serverId);
  return (
    <Card title={`Selected (${tools.length})`} padded={false}>
      {tools.length === 0 && (
        <EmptyState title="Nothing is selected">
          Tick the tools this workflow needs. AI clients will see these and no others.
        </EmptyState>
      )}
      {[...byServer].map(([serverId, tools]) => (
        <section
          key={serverId}
          aria-label={`Selected from ${nameOf(tools, known)}`}
          className="border-b border-line last:border-b-0"
        >
          <h3 className="px-4 pt-2.5 pb-1 text-xs text-subtle">
            {nameOf(tools, known)} · {tools.length}
          </h3>
          <ul className="pb-1.5">
            {tools.map((tool) => (
              <Item
                key={keyOf(tool)}
                tool={tool}
                known={known.get(keyOf(tool))}
                active={keyOf(tool) === activeKey}
                onActivate={onActivate}
              />
            ))}
          </ul>
        </section>
      ))}
    </Card>
  );
}

function nameOf(tools: readonly DraftTool[], known: ReadonlyMap<string, KnownTool>): string {
  const [first] = tools;
  return (first && known.get(keyOf(first))?.server.name) ?? 'Removed server';
}

function Item({
  tool,
  known,
  active,
  onActivate,
}: {
  tool: DraftTool;
  known: KnownTool | undefined;
  active: boolean;
  onActivate: (key: string) => void;
}) {
  const problem = known?.choice ? known.choice.problem?.text : 'its server no longer offers it';
  return (
    <li>
      <button
        type="button"
        aria-current={active ? 'true' : undefined}
        onClick={() => onActivate(keyOf(tool))}
        className={cn(
          'flex min-h-8 w-full items-center gap-2 px-4 py-1 text-left hover:bg-sunken',
          active && 'bg-active shadow-[inset_2px_0_0_var(--color-accent)] hover:bg-active',
        )}
      >
        <span className="min-w-0 flex-1">
          <span className={cn('block truncate font-mono text-xs', tool.rule === 'deny' && 'text-subtle line-through')}>
            <UntrustedText text={tool.rename ?? tool.name} />
          </span>
          {problem !== undefined && (
            <span className="flex items-center gap-1 text-xs text-warn-fg">
              <WarningIcon aria-hidden size={12} /> {problem}
            </span>
          )}
        </span>
        {isModified(tool) && <Badge tone="info">Modified</Badge>}
        {tool.rule === 'deny' && <Badge tone="danger">Denied</Badge>}
      </button>
    </li>
  );
}
