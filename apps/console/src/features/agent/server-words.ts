import type { ApiOutput } from '../../trpc/client.tsx';

type Agent = ApiOutput['agent']['list']['rows'][number];

/**
 * "3 up, 1 down, 2 not used": every server that the agent's page lists, in the same words. What an agent said before it went away is no state.
 */
export function describeServers({
  status,
  serverHealth,
  withheld,
  unreadableReports,
}: Pick<Agent, 'status' | 'serverHealth' | 'withheld' | 'unreadableReports'>): string {
  if (status !== 'Connected') return '–';
  if (unreadableReports > 0) return 'cannot be read';
  const left = new Set(withheld.map(({ id }) => id));
  const used = serverHealth.filter(({ serverId }) => !left.has(serverId));
  const count = (state: Agent['serverHealth'][number]['state']): number => used.filter((each) => each.state === state).length;
  const parts = [
    [count('connected'), 'up'],
    [count('unreachable'), 'down'],
    [serverHealth.length - used.length, 'withheld'],
    [count('unused'), 'not used'],
  ] as const;
  return parts.flatMap(([many, word]) => (many === 0 ? [] : [`${many} ${word}`])).join(', ') || 'none';
}
