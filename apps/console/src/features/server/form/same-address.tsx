'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';

import { identifyUpstream } from '@gatehouse/policy/upstream';

import { type ApiOutput, useTRPC } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';

type ServerRow = ApiOutput['server']['list']['rows'][number];

/** Servers that are reached at the same address as this one would be, whatever they are called. */
export function findSameAddress(
  servers: readonly ServerRow[],
  { kind, address, serverId }: { kind: 'http' | 'rest'; address: string; serverId?: string | undefined },
): ServerRow[] {
  const wanted = identify(kind, address);
  return servers.filter(
    (row) => row.id !== serverId && wanted !== null && row.kind === kind && identify(kind, row.address ?? '') === wanted,
  );
}

/** A REST API is told by its whole base URL here: one host has many. */
function identify(kind: 'http' | 'rest', address: string): string | null {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  // as MCP: by host and path
  return `${kind} ${identifyUpstream({ kind: 'http', url: url.href, credential: null })}`;
}

/** Says that the address is known already: the same server twice is two reviews, two credentials and two names for one thing. */
export function SameAddress(props: { kind: 'http' | 'rest'; address: string; serverId?: string }) {
  const path = usePath();
  const { kind, address } = props;
  const isAddress = identify(kind, address) !== null;
  const sameAs = { kind, url: address };
  const servers = useQuery(useTRPC().server.list.queryOptions({ sameAs, limit: 200 }, { enabled: isAddress }));
  const same = findSameAddress(servers.data?.rows ?? [], props);
  if (same.length === 0) return null;
  return (
    <p role="status" className="text-xs text-warn-fg">
      There is a server at this address already:{' '}
      {same.map(({ id, slug, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link href={path(`/servers/${slug}`)} className="underline">
            {name}
          </Link>
        </span>
      ))}
      . What was decided there weighs here too; a second one makes sense with another credential or other people.
    </p>
  );
}
