'use client';

import { WarningIcon } from '@phosphor-icons/react/ssr';

import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import type { DraftTool } from '@gatehouse/policy/documents/profile';

import { cn } from '../../../ui/cn.ts';
import { filterByGroup, type EntryGroup } from '../../../ui/entity/entry-group.ts';
import { Card } from '../../../ui/layout/card.tsx';
import { Badge } from '../../../ui/status/badge.tsx';
import { EmptyState } from '../../../ui/status/states.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { type Collision, findEntryCollision } from '../draft/collisions.ts';
import { isModified, type KnownEntries, type KnownEntry, getTools } from '../draft/draft.ts';
import type { DraftEditor } from '../draft/use-draft.ts';
import { SelectedRow, type SelectedRowProps } from './selected-row.tsx';

export interface SelectedEntriesProps {
  group: EntryGroup;
  known: KnownEntries;
  collisions: readonly Collision[];
  editor: DraftEditor;
  editable: boolean;
  /** the tool that is looked at beside the list */
  activeKey: string | null;
  onActivate: (entry: KnownEntry) => void;
  onTakeOut: SelectedRowProps['onTakeOut'];
}

/** What is in the profile of a group, under the names and addresses AI clients see. A tool is edited beside the list, the rest in it. */
export function SelectedEntries(props: SelectedEntriesProps) {
  const { group, known, collisions, editor, editable, onTakeOut } = props;
  const entries = filterByGroup(group, editor.draft.entries);
  return (
    <Card title={`Selected (${entries.length})`} padded={false}>
      {entries.length === 0 && (
        <EmptyState title="Nothing is selected">
          Tick the {group} this workflow needs. AI clients will see these and no others.
        </EmptyState>
      )}
      {group === 'tools' ? (
        <ToolsByServer {...props} />
      ) : (
        <ul aria-label={`Selected ${group}`} className="divide-y divide-line">
          {entries
            .filter((entry) => entry.kind !== 'tool')
            .map((entry) => (
              <SelectedRow
                key={toServerEntryKey(entry)}
                entry={entry}
                known={known.get(toServerEntryKey(entry))}
                collision={findEntryCollision(collisions, toServerEntryKey(entry))}
                editor={editor}
                editable={editable}
                onTakeOut={onTakeOut}
              />
            ))}
        </ul>
      )}
    </Card>
  );
}

function ToolsByServer({ known, editor, activeKey, onActivate }: SelectedEntriesProps) {
  const byServer = Map.groupBy(getTools(editor.draft), ({ serverId }) => serverId);
  return [...byServer].map(([serverId, tools]) => {
    const [first] = tools;
    // what was rolled back or put together with another's draft is named once that is stored
    const server = (first && known.get(toServerEntryKey(first))?.server.name) ?? 'A server';
    return (
      <section key={serverId} aria-label={`Selected from ${server}`} className="border-b border-line last:border-b-0">
        <h3 className="px-4 pt-2.5 pb-1 text-xs text-subtle">
          {server} · {tools.length}
        </h3>
        <ul className="pb-1.5">
          {tools.map((tool) => (
            <ToolRow
              key={toServerEntryKey(tool)}
              tool={tool}
              known={known.get(toServerEntryKey(tool))}
              active={toServerEntryKey(tool) === activeKey}
              onActivate={onActivate}
            />
          ))}
        </ul>
      </section>
    );
  });
}

function ToolRow({
  tool,
  known,
  active,
  onActivate,
}: {
  tool: DraftTool;
  known: KnownEntry | undefined;
  active: boolean;
  onActivate: (entry: KnownEntry) => void;
}) {
  const problem = known?.problem?.text;
  return (
    <li>
      <button
        type="button"
        aria-current={active ? 'true' : undefined}
        onClick={() => known && onActivate(known)}
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
