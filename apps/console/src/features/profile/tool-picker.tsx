'use client';

import { CaretRightIcon, MagnifyingGlassIcon } from '@phosphor-icons/react/ssr';
import { useState } from 'react';

import { usePath } from '../../trpc/use-path.ts';
import { RiskBadge, riskWord } from '../../ui/badge.tsx';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { cn } from '../../ui/cn.ts';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { keyOf, type KnownTool, type ToolServer } from './draft.ts';
import { filterServers, type RiskFilter } from './tool-filter.ts';

/** With more tools than this, only the servers that something is selected from start open. */
const OPEN_UP_TO = 60;
const RISKS: readonly RiskFilter[] = ['any', 'read', 'write', 'destructive', 'open_world'];

export interface ToolPickerProps {
  servers: readonly ToolServer[];
  selected: ReadonlySet<string>;
  activeKey: string | null;
  editable: boolean;
  onSelect: (tools: readonly KnownTool[], on: boolean) => void;
  onActivate: (key: string) => void;
}

/** Every tool that could be in the profile. Filtering hides rows and never touches the selection. */
export function ToolPicker(props: ToolPickerProps) {
  const { servers } = props;
  const path = usePath();
  const [text, setText] = useState('');
  const [risk, setRisk] = useState<RiskFilter>('any');
  const shown = filterServers(servers, text, risk);
  const total = servers.reduce((sum, { tools }) => sum + tools.length, 0);
  const filtering = text.trim() !== '' || risk !== 'any';
  return (
    <Card title="Servers and tools" padded={false}>
      <div className="flex gap-2 border-b border-line p-2">
        <div className="relative min-w-0 flex-1">
          <MagnifyingGlassIcon
            aria-hidden
            size={14}
            className="pointer-events-none absolute top-1/2 left-2 -translate-y-1/2 text-subtle"
          />
          <Input
            aria-label="Filter tools"
            placeholder="Filter, or *_list"
            size="small"
            className="pl-7"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <Select
          aria-label="Filter by risk"
          size="small"
          className="w-32"
          value={risk}
          onValueChange={setRisk}
          options={RISKS.map((value) => ({ value, label: value === 'any' ? 'Any risk' : riskWord(value) }))}
        />
      </div>
      {servers.length === 0 && (
        <EmptyState title="No servers yet" action={<LinkButton href={path('/servers/new')}>Add a server</LinkButton>}>
          Tools come from servers that a reviewer has approved.
        </EmptyState>
      )}
      {servers.length > 0 && shown.length === 0 && (
        <EmptyState
          title="No tool matches"
          action={
            <Button
              onClick={() => {
                setText('');
                setRisk('any');
              }}
            >
              Clear the filter
            </Button>
          }
        />
      )}
      <div className="divide-y divide-line">
        {shown.map((server) => (
          <ServerGroup
            key={server.serverId}
            {...props}
            server={server}
            all={servers.find(({ serverId }) => serverId === server.serverId) ?? server}
            forceOpen={filtering}
            startOpen={total <= OPEN_UP_TO}
          />
        ))}
      </div>
    </Card>
  );
}

interface ServerGroupProps extends ToolPickerProps {
  server: ToolServer;
  /** the same server without the filter, for the counts */
  all: ToolServer;
  forceOpen: boolean;
  startOpen: boolean;
}

function ServerGroup({
  server,
  all,
  forceOpen,
  startOpen,
  selected,
  activeKey,
  editable,
  onSelect,
  onActivate,
}: ServerGroupProps) {
  const chosen = all.tools.filter(({ name }) => selected.has(keyOf({ serverId: server.serverId, name }))).length;
  const [open, setOpen] = useState(startOpen || chosen > 0);
  const expanded = open || forceOpen;
  const knownOf = (tools: ToolServer['tools']): KnownTool[] => tools.map((choice) => ({ server, name: choice.name, choice }));
  const isSelected = (name: string): boolean => selected.has(keyOf({ serverId: server.serverId, name }));
  const free = server.tools.filter(({ problem, name }) => problem === null && !isSelected(name));
  const readers = free.filter(({ risk }) => risk === 'read');
  return (
    <section aria-label={server.name}>
      <div className="flex min-h-9 items-center gap-2 pr-2 pl-1">
        <button
          type="button"
          aria-expanded={expanded}
          onClick={() => setOpen(!expanded)}
          className="flex min-w-0 flex-1 items-center gap-1.5 px-2 py-2 text-left"
        >
          <CaretRightIcon
            aria-hidden
            size={12}
            weight="bold"
            className={cn('shrink-0 text-subtle transition-transform', expanded && 'rotate-90')}
          />
          <span className="truncate font-medium">{server.name}</span>
          <span className="text-xs text-subtle tabular-nums">
            {chosen}/{all.tools.length}
          </span>
        </button>
        {editable && expanded && readers.length > 0 && (
          <Button variant="ghost" size="small" className="px-1.5" onClick={() => onSelect(knownOf(readers), true)}>
            Add {readers.length} that read
          </Button>
        )}
        {editable && expanded && server.tools.some(({ name }) => isSelected(name)) && (
          <Button variant="ghost" size="small" className="px-1.5" onClick={() => onSelect(knownOf(server.tools), false)}>
            None
          </Button>
        )}
      </div>
      {expanded && (
        <ul className="pb-1.5">
          {server.tools.length === 0 && <li className="px-8 pb-2 text-xs text-subtle">No tools found yet.</li>}
          {server.tools.map((choice) => {
            const key = keyOf({ serverId: server.serverId, name: choice.name });
            const on = selected.has(key);
            return (
              <li
                key={key}
                className={cn(
                  'flex min-h-8 items-center gap-2 pr-3 pl-7 hover:bg-sunken',
                  key === activeKey && 'bg-active hover:bg-active',
                )}
              >
                <Checkbox
                  aria-label={choice.name}
                  checked={on}
                  disabled={!editable || (choice.problem !== null && !on)}
                  onCheckedChange={(next) => onSelect(knownOf([choice]), next)}
                />
                <button type="button" onClick={() => onActivate(key)} className="min-w-0 flex-1 py-1 text-left">
                  <span className="block truncate font-mono text-xs">
                    <UntrustedText text={choice.name} />
                  </span>
                  {choice.problem !== null && <span className="block text-xs text-subtle">{choice.problem.text}</span>}
                </button>
                <RiskBadge risk={choice.risk} assumed={choice.riskAssumed} />
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
