import type { ApiOutput } from '../../trpc/client.tsx';

type Agent = ApiOutput['agent']['list']['rows'][number];

/**
 * "3 up, 1 down, 2 not used": every server that the agent's page lists, in the same words. What an agent said before it went away is no state.
 */
export function describeServers({
  status,
  servers,
  unreadableReports,
}: Pick<Agent, 'status' | 'servers' | 'unreadableReports'>): string {
  if (status !== 'Connected') return '–';
  if (unreadableReports > 0) return 'cannot be read';
  const parts = [
    [servers.connected, 'up'],
    [servers.unreachable, 'down'],
    [servers.withheld, 'withheld'],
    [servers.unused, 'not used'],
  ] as const;
  return parts.flatMap(([many, word]) => (many === 0 ? [] : [`${many} ${word}`])).join(', ') || 'none';
}
