'use client';

import { type ReactNode, useDeferredValue, useId, useRef, useState } from 'react';

import { type ServerEntryRef, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { Risk } from '@gatehouse/policy/documents/definition';

import { usePath } from '../../../trpc/use-path.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { cn } from '../../../ui/cn.ts';
import type { EntryGroup } from '../../../ui/entity/entry-group.ts';
import { Checkbox } from '../../../ui/form/checkbox.tsx';
import { ChoiceGroup } from '../../../ui/form/choice-group.tsx';
import { SearchField } from '../../../ui/form/search-field.tsx';
import { Select } from '../../../ui/form/select.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { DisclosureButton } from '../../../ui/layout/disclosure-button.tsx';
import { useShown } from '../../../ui/list/use-shown.tsx';
import { Badge, RiskBadge, describeRisk } from '../../../ui/status/badge.tsx';
import { EmptyState } from '../../../ui/status/states.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { EntryChoice, ServerChoices } from '../draft/draft.ts';
import { filterEntries, type RiskFilter, splitByUse } from './entry-choices.ts';

/** With more entries than this, only the servers that something is selected from start open. */
const OPEN_UP_TO = 60;
const RISKS: readonly RiskFilter[] = ['any', ...Risk.options];

export interface EntryPickerProps {
  group: EntryGroup;
  servers: readonly ServerChoices[];
  /** by `toServerEntryKey` */
  selected: ReadonlySet<string>;
  editable: boolean;
  onSelect: (entries: readonly ServerEntryRef[], on: boolean) => void;
  /** the entry that is looked at beside the picker */
  activeKey?: string | null;
  /** looks at one; without it, rows only have their box to tick */
  onActivate?: (key: string) => void;
  /** changes where the profile is served: the way out where a server is not reachable at one of its sites */
  changeSites?: ReactNode;
}

/** Everything of a group that could be in the profile. Filtering hides rows and never touches the selection. */
export function EntryPicker(props: EntryPickerProps) {
  const { group, servers } = props;
  const [text, setText] = useState('');
  const search = useRef<HTMLInputElement>(null);
  const [risk, setRisk] = useState<RiskFilter>('any');
  // the letters of whoever types are there before the list that follows them
  const filter = useDeferredValue(text);
  const ofRisk = useDeferredValue(risk);
  const shown = filterEntries(servers, filter, ofRisk);
  const total = servers.reduce((sum, { entries }) => sum + entries.length, 0);
  const filtering = filter.trim() !== '' || ofRisk !== 'any';

  function clear(): void {
    setText('');
    setRisk('any');
    search.current?.focus();
  }

  return (
    <Card title={`Servers and ${group}`} padded={false}>
      <div className="flex gap-2 border-b border-line p-2">
        <SearchField
          ref={search}
          label={`Filter ${group}`}
          placeholder={group === 'tools' ? 'Filter, or *_list' : 'Filter'}
          value={text}
          onValueChange={setText}
        />
        {group === 'tools' && (
          <Select
            aria-label="Filter by risk"
            size="small"
            className="w-32"
            value={risk}
            onValueChange={setRisk}
            options={RISKS.map((value) => ({ value, label: value === 'any' ? 'Any risk' : describeRisk(value) }))}
          />
        )}
      </div>
      {servers.length === 0 && <NothingOffered group={group} />}
      {servers.length > 0 && shown.length === 0 && (
        <EmptyState title="Nothing matches" action={<Button onClick={clear}>Clear the filter</Button>} />
      )}
      <div className="divide-y divide-line">
        {shown.map((server) => (
          <ServerEntries
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

function NothingOffered({ group }: Pick<EntryPickerProps, 'group'>) {
  const path = usePath();
  if (group === 'tools') {
    return (
      <EmptyState title="No servers yet" action={<LinkButton href={path('/servers/new')}>Add a server</LinkButton>}>
        Tools come from servers that a reviewer has approved.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={`No server offers ${group}`}>
      What an agent finds at a server is listed here once it was reviewed. Most servers offer tools only.
    </EmptyState>
  );
}

interface ServerEntriesProps extends EntryPickerProps {
  server: ServerChoices;
  /** the same server without the filter, for the counts */
  all: ServerChoices;
  forceOpen: boolean;
  startOpen: boolean;
}

function ServerEntries(props: ServerEntriesProps) {
  const { server, all, forceOpen, startOpen, selected, editable } = props;
  const { usable, unusable } = splitByUse(server, selected);
  // with nothing else to see, or when it is looked for, it is shown
  const [wasOpened, setUnusableOpen] = useState<boolean | null>(null);
  const unusableOpen = wasOpened ?? (forceOpen || usable.length === 0);
  const chosen = all.entries.filter((entry) => selected.has(toServerEntryKey({ ...server, ...entry }))).length;
  return (
    <ChoiceGroup
      name={server.name}
      chosen={chosen}
      total={all.entries.length}
      startOpen={startOpen || chosen > 0}
      forceOpen={forceOpen}
      actions={editable && <BulkChoice {...props} />}
    >
      {server.missingAt.length > 0 && <NotReachable {...props} />}
      {server.entries.length === 0 && <p className="px-8 pb-3 text-xs text-subtle">No tools found yet.</p>}
      <EntryRows {...props} entries={usable} className="pb-1.5" />
      {unusable.length > 0 && (
        <div className="px-3 pb-1.5">
          <DisclosureButton open={unusableOpen} onOpenChange={setUnusableOpen} className="gap-1.5 py-1 text-xs text-subtle">
            {unusable.length} that cannot be selected now
          </DisclosureButton>
          {unusableOpen && <EntryRows {...props} entries={unusable} className="-mx-3" />}
        </div>
      )}
    </ChoiceGroup>
  );
}

interface EntryRowsProps extends Pick<EntryPickerProps, 'selected' | 'activeKey' | 'editable' | 'onSelect' | 'onActivate'> {
  server: ServerChoices;
  entries: readonly EntryChoice[];
  className: string;
}

function EntryRows({ server: { serverId }, entries, selected, activeKey, className, ...rest }: EntryRowsProps) {
  const { shown, more } = useShown(entries);
  return (
    <ul className={className}>
      {shown.map((entry) => {
        const key = toServerEntryKey({ ...entry, serverId });
        return (
          <EntryRow key={key} {...rest} serverId={serverId} entry={entry} isOn={selected.has(key)} isActive={key === activeKey} />
        );
      })}
      {more && <li className="px-7 pt-1.5">{more}</li>}
    </ul>
  );
}

/** Nothing of it can be selected while the profile is served where it is not reachable. */
function NotReachable({ server: { name, missingAt }, editable, changeSites }: ServerEntriesProps) {
  return (
    <div className="mx-3 mb-1.5 flex flex-wrap items-center gap-2 rounded-control bg-warn-bg px-3 py-2 text-xs text-warn-fg">
      <p className="min-w-0 flex-1 basis-48">
        {name} is not reachable at {missingAt.join(', ')}, where this profile is served. Serve it elsewhere, or make the server
        reachable there.
      </p>
      {editable && changeSites}
    </div>
  );
}

/** Selects what is shown of a server, of tools only those that read; or none of it. */
function BulkChoice({ group, server, selected, onSelect }: ServerEntriesProps) {
  const { serverId, entries } = server;
  const refs = entries.map((entry) => ({ ...entry, serverId }));
  const free = refs.filter((entry) => entry.problem === null && !selected.has(toServerEntryKey(entry)));
  const addable = group === 'tools' ? free.filter((entry) => entry.risk === 'read') : free;
  return (
    <>
      {addable.length > 0 && (
        <Button variant="ghost" size="small" className="px-1.5" onClick={() => onSelect(addable, true)}>
          {group === 'tools' ? `Add ${addable.length} that read` : `Add ${addable.length}`}
        </Button>
      )}
      {refs.some((entry) => selected.has(toServerEntryKey(entry))) && (
        <Button variant="ghost" size="small" className="px-1.5" onClick={() => onSelect(refs, false)}>
          None
        </Button>
      )}
    </>
  );
}

interface EntryRowProps extends Pick<EntryPickerProps, 'editable' | 'onSelect' | 'onActivate'> {
  serverId: string;
  entry: EntryChoice;
  isOn: boolean;
  /** it is looked at beside the picker */
  isActive: boolean;
}

function EntryRow({ serverId, entry, isOn, isActive, editable, onSelect, onActivate }: EntryRowProps) {
  const ref: ServerEntryRef = { serverId, kind: entry.kind, name: entry.name };
  const wordsId = useId();
  return (
    <li
      className={cn('flex min-h-8 items-start gap-2 py-1.5 pr-3 pl-7 hover:bg-sunken', isActive && 'bg-active hover:bg-active')}
    >
      <Checkbox
        aria-label={entry.name}
        checked={isOn}
        disabled={!editable || (entry.problem !== null && !isOn)}
        onCheckedChange={(next) => onSelect([ref], next)}
      />
      {onActivate ? (
        <button
          type="button"
          aria-labelledby={`${wordsId}-name`}
          aria-describedby={`${wordsId}-words`}
          onClick={() => onActivate(toServerEntryKey(ref))}
          className="min-w-0 flex-1 text-left"
        >
          <EntryWords entry={entry} id={wordsId} />
        </button>
      ) : (
        <div className="min-w-0 flex-1">
          <EntryWords entry={entry} id={wordsId} />
        </div>
      )}
      {entry.risk && <RiskBadge risk={entry.risk} assumed={entry.riskAssumed} />}
    </li>
  );
}

/** Its name, what it is for, and why it cannot be selected; `id` begins the ids of both. */
function EntryWords({ entry: { kind, name, title, description, problem }, id }: { entry: EntryChoice; id: string }) {
  const words = [kind === 'tool' ? null : title, description].filter((part) => part !== null).join(': ');
  return (
    <>
      <span className="flex items-center gap-2">
        <span id={`${id}-name`} className={cn('min-w-0 font-mono text-xs', kind === 'tool' ? 'truncate' : 'break-all')}>
          <UntrustedText text={name} />
        </span>
        {kind === 'template' && <Badge>Template</Badge>}
      </span>
      <span id={`${id}-words`} className="block">
        {words !== '' && (
          <span className={cn('text-xs text-muted', kind === 'tool' ? 'line-clamp-1' : 'line-clamp-2')}>
            <UntrustedText text={words} />
          </span>
        )}
        {problem !== null && <span className="block text-xs text-subtle first-letter:uppercase">{problem.text}</span>}
      </span>
    </>
  );
}
