import { rmSync } from 'node:fs';

import { getAgent } from '@gatehouse/services/agent/get-agent';
import { revokeAgent } from '@gatehouse/services/agent/revoke-agent';
import type { ServiceContext } from '@gatehouse/services/context';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { getJoinToken } from '@gatehouse/services/join-token/get-join-token';

import type { Running } from '../processes.ts';
import type { Settings } from '../settings.ts';
import { getAgentDataDir, startAgent } from './agent.ts';
import * as plan from './plan.ts';
import { waitUntil } from './wait.ts';

export interface EnrolledAgent {
  running: Running;
  agentId: string;
}

/** Enrols a real agent with a real token and waits until the control plane has seen it. */
export async function enrolAgent(settings: Settings, admin: ServiceContext, siteId: string): Promise<EnrolledAgent> {
  const token = await createJoinToken({ ctx: admin, input: { siteId, agentName: plan.agentName, expiresInMinutes: 5 } });
  const running = await startAgent(settings, token.token);
  const agentId = await waitUntil('the agent to enrol and connect', async () => {
    const facts = await getJoinToken({ ctx: admin, input: { id: token.id } });
    return facts.connectedAt ? facts.agentId : null;
  });
  return { running, agentId };
}

/** Starts an agent that is enrolled and waits until the control plane has seen it. */
export async function reconnectAgent(settings: Settings, admin: ServiceContext, agentId: string): Promise<Running> {
  const from = new Date();
  const running = await startAgent(settings);
  await waitUntil('the agent to connect', async () => {
    const { connectedAt } = await getAgent({ ctx: admin, input: { agentId } });
    return connectedAt !== null && connectedAt >= from;
  });
  return running;
}

/** Enrols a new agent in the place of one that was shut out, and waits until it serves what the old one served. */
export async function replaceAgent(
  settings: Settings,
  admin: ServiceContext,
  oldId: string,
): Promise<EnrolledAgent & { name: string }> {
  const { siteId } = await getAgent({ ctx: admin, input: { agentId: oldId } });
  // One that was quarantined still holds its name.
  await revokeAgent({ ctx: admin, input: { agentId: oldId } });
  rmSync(getAgentDataDir(settings), { recursive: true, force: true });
  const enrolled = await enrolAgent(settings, admin, siteId);
  const { name } = await waitUntil('the new agent to take over the configuration', async () => {
    const agent = await getAgent({ ctx: admin, input: { agentId: enrolled.agentId } });
    return agent.ackedVersion === agent.desiredVersion && agent;
  });
  return { ...enrolled, name };
}
