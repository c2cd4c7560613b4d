'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { Checkbox } from '../../ui/form/checkbox.tsx';
import { SearchField } from '../../ui/form/search-field.tsx';
import { ListFooter } from '../../ui/list/list-footer.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import type { GroupDetail } from './group-page.tsx';

export type Person = ApiOutput['group']['people']['rows'][number];

export interface ChoosePeopleProps {
  group: GroupDetail;
  chosen: ReadonlyMap<string, Person>;
  onToggle: (person: Person, checked: boolean) => void;
}

/** Who of the workspace is not in the group, to be ticked; what is ticked is kept by whoever shows this. */
export function ChoosePeople({ group, chosen, onToggle }: ChoosePeopleProps) {
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const sought = useDeferredValue(search.trim());
  const people = useInfiniteQuery(
    trpc.group.people.infiniteQueryOptions({ groupId: group.id, of: 'outside', search: sought }, LIST_PAGES),
  );
  const rows = people.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <div className="flex flex-col gap-3">
      <div className="flex">
        <SearchField
          label="Search people of the workspace"
          placeholder="Search name or e-mail"
          value={search}
          onValueChange={setSearch}
        />
      </div>
      <Loaded query={people} errorTitle="The people of the workspace could not be loaded">
        {({ pages }) =>
          rows.length === 0 ? (
            <p className="text-muted">
              {search === '' ? 'Everybody in the workspace is in this group.' : 'Nobody outside of the group matches.'}
            </p>
          ) : (
            <>
              <ul className="flex flex-col gap-1.5">
                {rows.map((person) => (
                  <li key={person.membershipId}>
                    <Checkbox
                      label={person.name}
                      hint={person.email}
                      checked={chosen.has(person.membershipId)}
                      onCheckedChange={(checked) => onToggle(person, checked)}
                    />
                  </li>
                ))}
              </ul>
              <p className="flex min-h-7 items-center gap-3 text-xs text-subtle">
                <ListFooter query={people} shown={rows.length} total={pages.at(-1)?.total ?? 0} noun={['person', 'people']} />
              </p>
            </>
          )
        }
      </Loaded>
    </div>
  );
}
