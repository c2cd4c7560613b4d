'use client';

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';

import { useTRPC } from '../../../trpc/client.tsx';
import { LIST_PAGES } from '../../../trpc/list-pages.ts';
import { Button } from '../../../ui/button.tsx';
import { cn } from '../../../ui/cn.ts';
import { ENTRY_GROUPS, type EntryGroup } from '../../../ui/entity/entry-group.ts';
import { Checkbox } from '../../../ui/form/checkbox.tsx';
import { ChoiceGroup } from '../../../ui/form/choice-group.tsx';
import { DisclosureButton } from '../../../ui/layout/disclosure-button.tsx';
import { useShown } from '../../../ui/list/use-shown.tsx';
import { Badge, RiskBadge } from '../../../ui/status/badge.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { Bar } from '../../../ui/status/states.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { KnownEntry, ListedChoice, ServerOffer } from '../draft/draft.ts';
import { type Filter, isFiltering, type Selected, splitByUse, toChoiceKey, toKnown } from './entry-choices.ts';

export interface EntryPickerProps {
  group: EntryGroup;
  profileId: string;
  selected: Selected;
  editable: boolean;
  onSelect: (entries: readonly KnownEntry[], on: boolean) => void;
  /** the entry that is looked at beside the picker */
  activeKey?: string | null;
  /** looks at one; without it, rows only have their box to tick */
  onActivate?: (entry: KnownEntry) => void;
  /** changes where the profile is served: the way out where a server is not reachable at one of its sites */
  changeSites?: ReactNode;
}

export interface ServerEntriesProps extends EntryPickerProps {
  server: ServerOffer;
  filter: Filter;
  forceOpen: boolean;
  startOpen: boolean;
}

/** What is looked for of one server. */
function useChoices({ profileId, group, server, filter }: ServerEntriesProps) {
  const { kinds } = ENTRY_GROUPS[group];
  const asked = { profileId, serverId: server.serverId, kinds: [...kinds], ...filter };
  // what was shown of it stays while it is searched anew
  return useQuery(useTRPC().entry.choices.queryOptions(asked, { placeholderData: LIST_PAGES.placeholderData }));
}

/** One server: what it offers is read when it is opened. */
export function ServerEntries(props: ServerEntriesProps) {
  const { server, forceOpen, startOpen, selected, editable } = props;
  const chosen = [...selected.values()].filter(({ serverId }) => serverId === server.serverId).length;
  return (
    <ChoiceGroup
      name={server.name}
      chosen={chosen}
      total={server.offered}
      startOpen={startOpen || chosen > 0}
      forceOpen={forceOpen}
      actions={editable && server.offered > 0 && <BulkChoice {...props} />}
    >
      {server.missingAt.length > 0 && <NotReachable {...props} />}
      {server.offered === 0 && <p className="px-8 pb-3 text-xs text-subtle">No tools found yet.</p>}
      {server.offered > 0 && <Choices {...props} />}
    </ChoiceGroup>
  );
}

function Choices(props: ServerEntriesProps) {
  const { server, filter, selected } = props;
  const query = useChoices(props);
  // with nothing else to see, or when it is looked for, it is shown
  const [wasOpened, setUnusableOpen] = useState<boolean | null>(null);
  return (
    <Loaded query={query} skeleton={<Bar className="mx-7 mb-3 h-4" />} errorTitle="What it offers could not be loaded">
      {(choices) => {
        const { usable, unusable } = splitByUse(server, choices, selected);
        const unusableOpen = wasOpened ?? (isFiltering(filter) || usable.length === 0);
        return (
          <>
            <EntryRows {...props} entries={usable} className="pb-1.5" />
            {unusable.length > 0 && (
              <div className="px-3 pb-1.5">
                <DisclosureButton open={unusableOpen} onOpenChange={setUnusableOpen} className="py-1 text-xs text-subtle">
                  {unusable.length} that cannot be selected now
                </DisclosureButton>
                {unusableOpen && <EntryRows {...props} entries={unusable} className="-mx-3" />}
              </div>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

interface EntryRowsProps extends Pick<EntryPickerProps, 'selected' | 'activeKey' | 'editable' | 'onSelect' | 'onActivate'> {
  server: ServerOffer;
  entries: readonly ListedChoice[];
  className: string;
}

function EntryRows({ server, entries, selected, activeKey, className, editable, onSelect, onActivate }: EntryRowsProps) {
  const { shown, more } = useShown(entries);
  return (
    <ul className={className}>
      {shown.map((entry) => {
        const key = toChoiceKey(server, entry);
        return (
          <EntryRow
            key={key}
            server={server}
            entry={entry}
            isOn={selected.has(key)}
            isActive={key === activeKey}
            editable={editable}
            onSelect={onSelect}
            onActivate={onActivate}
          />
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
function BulkChoice(props: ServerEntriesProps) {
  const { group, server, selected, onSelect } = props;
  const { data: choices = [] } = useChoices(props);
  const isOn = (choice: ListedChoice): boolean => selected.has(toChoiceKey(server, choice));
  const free = choices.filter((choice) => choice.problem === null && !isOn(choice));
  const addable = group === 'tools' ? free.filter(({ risk }) => risk === 'read') : free;
  const select = (entries: readonly ListedChoice[], on: boolean): void =>
    onSelect(
      entries.map((choice) => toKnown(server, choice)),
      on,
    );
  return (
    <>
      {addable.length > 0 && (
        <Button variant="ghost" size="small" className="px-1.5" onClick={() => select(addable, true)}>
          {group === 'tools' ? `Add ${addable.length} that read` : `Add ${addable.length}`}
        </Button>
      )}
      {choices.some(isOn) && (
        <Button variant="ghost" size="small" className="px-1.5" onClick={() => select(choices, false)}>
          None
        </Button>
      )}
    </>
  );
}

interface EntryRowProps extends Pick<EntryPickerProps, 'editable' | 'onSelect'> {
  server: ServerOffer;
  entry: ListedChoice;
  isOn: boolean;
  /** it is looked at beside the picker */
  isActive: boolean;
  onActivate: EntryPickerProps['onActivate'] | undefined;
}

function EntryRow({ server, entry, isOn, isActive, editable, onSelect, onActivate }: EntryRowProps) {
  const known = toKnown(server, entry);
  const wordsId = useId();
  return (
    <li
      className={cn('flex min-h-8 items-start gap-2 py-1.5 pr-3 pl-7 hover:bg-sunken', isActive && 'bg-active hover:bg-active')}
    >
      <Checkbox
        aria-label={entry.name}
        checked={isOn}
        disabled={!editable || (entry.problem !== null && !isOn)}
        onCheckedChange={(next) => onSelect([known], next)}
      />
      {onActivate ? (
        <button
          type="button"
          aria-labelledby={`${wordsId}-name`}
          aria-describedby={`${wordsId}-words`}
          onClick={() => onActivate(known)}
          className="min-w-0 flex-1 text-left"
        >
          <EntryWords entry={entry} id={wordsId} />
        </button>
      ) : (
        <div className="min-w-0 flex-1">
          <EntryWords entry={entry} id={wordsId} />
        </div>
      )}
      {entry.risk && <RiskBadge risk={entry.risk} />}
    </li>
  );
}

/** Its name, what it is for, and why it cannot be selected; `id` begins the ids of both. */
function EntryWords({ entry: { kind, name, title, description, problem }, id }: { entry: ListedChoice; id: string }) {
  const words = [kind === 'tool' ? null : title, description].filter((part) => part !== null).join(': ');
  return (
    <>
      <span className="flex items-center gap-2">
        <span id={`${id}-name`} className={cn('min-w-0 font-mono text-xs', kind === 'tool' && 'truncate')}>
          <UntrustedText text={name} isName />
        </span>
        {kind === 'template' && <Badge>Template</Badge>}
      </span>
      <span id={`${id}-words`} className="block">
        {words !== '' && (
          <span className={cn('text-xs text-muted', kind === 'tool' ? 'block truncate' : 'line-clamp-2')}>
            <UntrustedText text={words} oneLine={kind === 'tool'} />
          </span>
        )}
        {problem !== null && <span className="block text-xs text-subtle first-letter:uppercase">{problem.text}</span>}
      </span>
    </>
  );
}
