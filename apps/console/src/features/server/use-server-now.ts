'use client';

import { useQuery } from '@tanstack/react-query';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import type { HealthReport } from './health-words.ts';
import type { ServerDetail, ServerState } from './server-state.tsx';

type Agent = ApiOutput['agent']['list'][number];

/**
 * A server's state and health as the agents report them. Both come from the lists, which are read again whenever an agent reports;
 * the server's own query, with all its definitions, is not.
 */
export function useServerNow(server: ServerDetail): { state: ServerState; health: HealthReport[] } {
  const trpc = useTRPC();
  const { data: state = server.state } = useQuery(
    trpc.server.list.queryOptions(undefined, { select: (rows) => rows.find(({ id }) => id === server.id)?.state }),
  );
  const { data: health = server.health } = useQuery(
    trpc.agent.list.queryOptions(undefined, { select: (agents) => listHealthReports(server.id, agents) }),
  );
  return { state, health };
}

function listHealthReports(wanted: string, agents: readonly Agent[]): HealthReport[] {
  return agents
    .filter(({ revokedAt }) => revokedAt === null)
    .flatMap(({ id: agentId, name: agentName, siteSlug, status, serverHealth }) =>
      serverHealth
        .filter(({ serverId }) => serverId === wanted)
        .map(({ at, retryAt, ...told }) => ({
          agentId,
          agentName,
          siteSlug,
          live: status === 'Connected',
          ...told,
          at: at === null ? null : new Date(at),
          retryAt: retryAt === null ? null : new Date(retryAt),
        })),
    );
}
