'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';

import type { PartySearch } from '../ui/form/party-field.tsx';
import { describeCount } from '../ui/text/count.ts';
import { useTRPC } from './client.tsx';

/** So many groups and so many people are offered at a time; typing narrows them. */
const SHOWN = 20;

/** Groups, then people, whose name or address has what is typed: the lists of both, searched by the database. `isGroup`: groups alone. */
export function usePartySearch(isGroup = false): PartySearch {
  const trpc = useTRPC();
  const [text, setText] = useState('');
  const sought = useDeferredValue(text.trim());
  const input = { limit: SHOWN, ...(sought !== '' && { search: sought }) };
  const groups = useQuery(trpc.group.list.queryOptions(input, { placeholderData: keepPreviousData }));
  const members = useQuery(trpc.member.list.queryOptions(input, { placeholderData: keepPreviousData, enabled: !isGroup }));
  const found = [
    ...(groups.data?.rows ?? []).map(({ id, name, people }) => ({
      party: { kind: 'group' as const, id, name },
      hint: `${isGroup ? '' : 'Group · '}${describeCount(people, 'person', 'people')}`,
    })),
    ...(isGroup ? [] : (members.data?.rows ?? [])).map(({ id, name, email }) => ({
      party: { kind: 'person' as const, id, name },
      hint: email,
    })),
  ];
  return { text, setText, found };
}
