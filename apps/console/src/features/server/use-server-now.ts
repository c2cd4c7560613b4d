'use client';

import { useQuery } from '@tanstack/react-query';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import type { ServerDetail, ServerState } from './server-state.tsx';

/**
 * A server's state and health as the agents report them. Both are short and read again whenever an agent reports; the server's own query, with all its
 * definitions, is not.
 */
export function useServerNow(server: ServerDetail): { state: ServerState; health: ApiOutput['server']['health'] } {
  const trpc = useTRPC();
  const { data: state } = useQuery(trpc.server.list.queryOptions({ ids: [server.id] }, { select: ({ rows }) => rows[0]?.state }));
  const { data: health } = useQuery(trpc.server.health.queryOptions({ serverId: server.id }));
  return { state: state ?? server.state, health: health ?? server.health };
}
