'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { type RefObject, useDeferredValue, useRef, useState } from 'react';

import { Risk } from '@gatehouse/policy/documents/definition';

import { useTRPC } from '../../../trpc/client.tsx';
import { LIST_PAGES } from '../../../trpc/list-pages.ts';
import { usePath } from '../../../trpc/use-path.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { ENTRY_GROUPS } from '../../../ui/entity/entry-group.ts';
import { Select } from '../../../ui/form/select.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { ListFooter } from '../../../ui/list/list-footer.tsx';
import { ListSearch } from '../../../ui/list/list-search.tsx';
import { describeRisk } from '../../../ui/status/badge.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { EmptyState } from '../../../ui/status/states.tsx';
import type { ServerOffer } from '../draft/draft.ts';
import { type Filter, isFiltering, isSameFilter, listOpened, OPEN_UP_TO } from './entry-choices.ts';
import { type EntryPickerProps, ServerEntries } from './server-entries.tsx';

type RiskFilter = 'any' | Risk;
const RISKS: readonly RiskFilter[] = ['any', ...Risk.options];

/** Everything of a group that could be in the profile. Filtering hides rows and never touches the selection. */
export function EntryPicker(props: EntryPickerProps) {
  const { group, profileId } = props;
  const [text, setText] = useState('');
  const search = useRef<HTMLInputElement>(null);
  const [risk, setRisk] = useState<RiskFilter>('any');
  const filter: Filter = { ...(text !== '' && { search: text }), ...(risk !== 'any' && { risk }) };
  const { kinds } = ENTRY_GROUPS[group];
  const offers = useInfiniteQuery(
    useTRPC().entry.offers.infiniteQueryOptions({ profileId, kinds: [...kinds], ...filter }, LIST_PAGES),
  );

  // what is on its way is not what is shown: until it is here, the list and what is read of its servers are of the filter before
  const [shown, setShown] = useState(filter);
  if (!offers.isPlaceholderData && !isSameFilter(shown, filter)) setShown(filter);

  function clear(): void {
    setText('');
    setRisk('any');
    search.current?.focus();
  }

  return (
    <Card title={`Servers and ${group}`} padded={false}>
      <FilterFields group={group} search={search} text={text} onText={setText} risk={risk} onRisk={setRisk} />
      <Loaded query={offers} errorTitle="What the servers offer could not be loaded">
        {({ pages }) => {
          const servers = pages.flatMap(({ rows }) => rows);
          return (
            <>
              {servers.length === 0 && !isFiltering(shown) && <NothingOffered group={group} />}
              {servers.length === 0 && isFiltering(shown) && (
                <EmptyState title="Nothing matches" action={<Button onClick={clear}>Clear the filter</Button>} />
              )}
              <Servers {...props} servers={servers} filter={shown} />
              {offers.hasNextPage && (
                <div className="flex items-center gap-2 border-t border-line px-3 py-2 text-xs text-subtle">
                  <ListFooter shown={servers.length} total={pages[0]?.total ?? 0} noun={['server', 'servers']} query={offers} />
                </div>
              )}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

interface FilterFieldsProps extends Pick<EntryPickerProps, 'group'> {
  search: RefObject<HTMLInputElement | null>;
  text: string;
  onText: (text: string) => void;
  risk: RiskFilter;
  onRisk: (risk: RiskFilter) => void;
}

function FilterFields({ group, search, text, onText, risk, onRisk }: FilterFieldsProps) {
  return (
    <div className="flex gap-2 border-b border-line p-2">
      <ListSearch
        ref={search}
        label={`Filter ${group}`}
        placeholder={group === 'tools' ? 'Filter, or *_list' : 'Filter'}
        value={text}
        onValueChange={onText}
      />
      {group === 'tools' && (
        <Select
          aria-label="Filter by risk"
          size="small"
          className="w-32"
          value={risk}
          onValueChange={onRisk}
          options={RISKS.map((value) => ({ value, label: value === 'any' ? 'Any risk' : describeRisk(value) }))}
        />
      )}
    </div>
  );
}

function Servers({ servers, filter, ...props }: EntryPickerProps & { servers: readonly ServerOffer[]; filter: Filter }) {
  // the letters of whoever types are there before the list that follows them
  const shown = useDeferredValue(servers);
  const total = shown.reduce((sum, { offered }) => sum + offered, 0);
  const opened = isFiltering(filter) ? listOpened(shown) : new Set<string>();
  return (
    <div className="divide-y divide-line">
      {shown.map((server) => (
        <ServerEntries
          key={server.serverId}
          {...props}
          server={server}
          filter={filter}
          forceOpen={opened.has(server.serverId)}
          startOpen={total <= OPEN_UP_TO}
        />
      ))}
    </div>
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
