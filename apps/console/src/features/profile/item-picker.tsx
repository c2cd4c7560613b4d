'use client';

import type { ProfileDraft } from '@gatehouse/policy/documents/profile';
import { CaretRightIcon, MagnifyingGlassIcon } from '@phosphor-icons/react/ssr';
import { useMemo, useState } from 'react';

import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { cn } from '../../ui/cn.ts';
import { Input } from '../../ui/input.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { filterItems, itemKey, type ItemKind, type ItemRef, type ItemServer, selectedRefs } from './items.ts';

export interface ItemPickerProps {
  /** "prompts" or "resources" */
  what: string;
  kinds: readonly ItemKind[];
  servers: readonly ItemServer[];
  draft: ProfileDraft;
  editable: boolean;
  onSelect: (refs: readonly ItemRef[], on: boolean) => void;
}

/** Everything of these kinds that could be in the profile. Searching hides rows and never touches the selection. */
export function ItemPicker({ what, kinds, servers, draft, editable, onSelect }: ItemPickerProps) {
  const [text, setText] = useState('');
  const shown = filterItems(servers, kinds, text);
  const offered = filterItems(servers, kinds, '');
  const selected = useMemo(() => new Set(selectedRefs(draft).map(itemKey)), [draft]);
  return (
    <Card title={`Servers and ${what}`} padded={false}>
      {offered.length > 0 && (
        <div className="relative border-b border-line p-2">
          <MagnifyingGlassIcon
            aria-hidden
            size={14}
            className="pointer-events-none absolute top-1/2 left-4 -translate-y-1/2 text-subtle"
          />
          <Input
            aria-label={`Search ${what}`}
            placeholder={`Search ${what}`}
            size="small"
            className="pl-7"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      )}
      {offered.length === 0 && (
        <EmptyState title={`No server offers ${what}`}>
          What an agent finds at a server is listed here once it was reviewed. Most servers offer tools only.
        </EmptyState>
      )}
      {offered.length > 0 && shown.length === 0 && (
        <EmptyState title={`Nothing matches`} action={<Button onClick={() => setText('')}>Clear the search</Button>} />
      )}
      <div className="divide-y divide-line">
        {shown.map((server) => (
          <ServerItems
            key={server.serverId}
            server={server}
            total={offered.find(({ serverId }) => serverId === server.serverId)?.items.length ?? 0}
            selected={selected}
            editable={editable}
            onSelect={onSelect}
          />
        ))}
      </div>
    </Card>
  );
}

interface ServerItemsProps extends Pick<ItemPickerProps, 'editable' | 'onSelect'> {
  server: ItemServer;
  /** offered without the search */
  total: number;
  selected: ReadonlySet<string>;
}

function ServerItems({ server, total, selected, editable, onSelect }: ServerItemsProps) {
  const [open, setOpen] = useState(true);
  const { serverId, name, items } = server;
  const refOf = ({ kind, name: itemName }: ItemServer['items'][number]): ItemRef => ({ serverId, kind, name: itemName });
  const isOn = (item: ItemServer['items'][number]): boolean => selected.has(itemKey(refOf(item)));
  const free = items.filter((item) => item.problem === null);
  const chosen = items.filter(isOn);
  const allOn = free.length > 0 && free.every(isOn);
  return (
    <section aria-label={name}>
      <div className="flex min-h-9 items-center gap-2 pr-3 pl-3">
        {editable && (
          <Checkbox
            aria-label={`Select all of ${name}`}
            checked={allOn}
            indeterminate={!allOn && chosen.length > 0}
            disabled={free.length === 0 && chosen.length === 0}
            onCheckedChange={() => onSelect((allOn ? chosen : free).map(refOf), !allOn)}
          />
        )}
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-center gap-1.5 py-2 text-left"
        >
          <span className="truncate font-medium">{name}</span>
          <span className="text-xs text-subtle tabular-nums">
            {chosen.length}/{total}
          </span>
          <CaretRightIcon
            aria-hidden
            size={12}
            weight="bold"
            className={cn('ml-auto shrink-0 text-subtle transition-transform', open && 'rotate-90')}
          />
        </button>
      </div>
      {open && (
        <ul className="pb-1.5">
          {items.map((item) => (
            <li key={itemKey(refOf(item))} className="flex items-start gap-2 py-1.5 pr-3 pl-3 hover:bg-sunken sm:pl-8">
              <Checkbox
                aria-label={item.name}
                checked={isOn(item)}
                disabled={!editable || (item.problem !== null && !isOn(item))}
                onCheckedChange={(on) => onSelect([refOf(item)], on)}
              />
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
                  <span className="min-w-0 font-mono text-xs leading-5 break-all">
                    <UntrustedText text={item.name} />
                  </span>
                  {item.kind === 'template' && <Badge>Template</Badge>}
                </p>
                {(item.title ?? item.description) !== null && (
                  <p className="line-clamp-2 text-xs text-muted">
                    <UntrustedText text={[item.title, item.description].filter((part) => part !== null).join(': ')} />
                  </p>
                )}
                {item.problem && <p className="text-xs text-subtle">{item.problem.text}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
