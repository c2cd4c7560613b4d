import { z } from 'zod';

import type { ApiOutput } from '../../../trpc/client.tsx';

export type Agents = ApiOutput['agent']['list']['rows'];

/** What is asked about every new server, whatever its kind. */
export const SERVER_FIELDS = {
  name: z.string().trim().min(1, 'Give it the name people know.'),
  purpose: z.string().trim().min(1, 'One sentence. The reviewer reads it.'),
  /** empty: none chosen yet */
  agentId: z.string().min(1, 'Choose the agent that can reach it.'),
};
export type ServerForm = z.infer<z.ZodObject<typeof SERVER_FIELDS>>;

export const EMPTY_SERVER: ServerForm = { name: '', purpose: '', agentId: '' };

/** The agent that is chosen already where there is only one. */
export const getDefaultAgentId = (agents: Agents): string => (agents.length === 1 ? (agents[0]?.id ?? '') : '');

/** The agent to ask unless another is chosen; '' when none is connected. The status lags behind: one that just went is asked last. */
export function findConnectedAgentId(agents: readonly Pick<Agents[number], 'id' | 'status' | 'disconnectedAt'>[]): string {
  const connected = agents.filter(({ status }) => status === 'Connected');
  return (connected.find(({ disconnectedAt }) => disconnectedAt === null) ?? connected[0])?.id ?? '';
}
