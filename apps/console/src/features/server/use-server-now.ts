'use client';

import { useQuery } from '@tanstack/react-query';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useAgents } from '../../trpc/use-agents.ts';
import type { HealthReport } from '../../ui/entity/health-words.ts';
import type { ServerDetail, ServerState } from './server-state.tsx';

type Agent = ApiOutput['agent']['list']['rows'][number];

/**
 * A server's state and health as the agents report them. Both come from the lists, which are read again whenever an agent reports;
 * the server's own query, with all its definitions, is not.
 */
export function useServerNow(server: ServerDetail): { state: ServerState; health: HealthReport[] } {
  const trpc = useTRPC();
  const { data: state = server.state } = useQuery(
    trpc.server.list.queryOptions({ ids: [server.id] }, { select: ({ rows }) => rows[0]?.state }),
  );
  const agents = useAgents({ serverId: server.id });
  const health = agents.data ? listHealthReports(server.id, agents.data) : server.health;
  // by name in both, so that nothing changes places when the second comes
  return { state, health: health.toSorted((one, other) => one.agentName.localeCompare(other.agentName, 'en')) };
}

const UNTRIED = { at: null, retryAt: null, protocolVersion: null, connections: 0 };

function listHealthReports(wanted: string, agents: readonly Agent[]): HealthReport[] {
  return agents
    .filter(({ revokedAt }) => revokedAt === null)
    .flatMap(({ id: agentId, name: agentName, siteSlug, status, serverHealth, withheld }): HealthReport[] => {
      const who = { agentId, agentName, siteSlug, live: status === 'Connected' };
      const left = withheld.find(({ id }) => id === wanted);
      if (left) return [{ ...who, ...UNTRIED, state: 'withheld', withheldCode: left.code, error: left.message }];
      return serverHealth
        .filter(({ serverId }) => serverId === wanted)
        .map(({ at, retryAt, ...told }) => ({
          ...who,
          ...told,
          withheldCode: null,
          at: at === null ? null : new Date(at),
          retryAt: retryAt === null ? null : new Date(retryAt),
        }));
    });
}
