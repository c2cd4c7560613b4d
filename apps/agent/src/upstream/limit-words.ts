import { formatLimit, type LimitInForce, type LimitName } from '@gatehouse/policy/documents/server-limits';

/** What the server did not do, and where the limit is set: `Orders gave no sign of life for 60 s (server limit "silence"). …` */
export function describeLimit({ name, ms, by }: LimitInForce, server: string, tool: string | null): string {
  const what = `${server} ${WHAT[name]} ${formatLimit(ms)}`;
  if (by === 'site') {
    return `${what} (limit '${name}' of this site). Whoever runs the agent can change it under limits in its guardrails.`;
  }
  const whose = by === 'tool' && tool !== null ? `limit '${name}' of the tool ${tool}` : `server limit '${name}'`;
  return `${what} (${whose}). An admin can change it under Servers → ${server} → Limits.`;
}

const WHAT: Record<LimitName, string> = {
  start: 'was not ready within',
  answer: 'did not begin to answer within',
  silence: 'gave no sign of life for',
  total: 'was not done within',
};
