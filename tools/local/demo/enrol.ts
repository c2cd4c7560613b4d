import { existsSync, renameSync } from 'node:fs';

import { getAgent } from '@gatehouse/services/agent/get-agent';
import { revokeAgent } from '@gatehouse/services/agent/revoke-agent';
import { read } from '@gatehouse/services/audit/mutate';
import type { ServiceContext } from '@gatehouse/services/context';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { getJoinToken } from '@gatehouse/services/join-token/get-join-token';
import { revokeJoinToken } from '@gatehouse/services/join-token/revoke-join-token';

import type { Supervisor } from '../processes/supervisor.ts';
import type { Settings } from '../settings.ts';
import { getAgentDataDir, startAgent } from './agent.ts';
import * as plan from './plan.ts';
import { waitUntil } from './wait.ts';

/** Enrols a real agent with a real token and waits until the control plane has seen it. Returns the agent's id. */
export async function enrolAgent(
  supervisor: Supervisor,
  settings: Settings,
  admin: ServiceContext,
  siteId: string,
): Promise<string> {
  const token = await createJoinToken({ ctx: admin, input: { siteId, agentName: plan.agentName, expiresInMinutes: 5 } });
  await startAgent(supervisor, settings, token.token);
  return waitUntil('the agent to enrol and connect', async () => {
    const facts = await getJoinToken({ ctx: admin, input: { id: token.id } });
    return facts.connectedAt ? facts.agentId : null;
  });
}

/** Starts an agent that is enrolled and waits until the control plane has seen it. */
export async function reconnectAgent(
  supervisor: Supervisor,
  settings: Settings,
  admin: ServiceContext,
  agentId: string,
): Promise<void> {
  const from = new Date();
  await startAgent(supervisor, settings);
  await waitUntil('the agent to connect', async () => {
    const { connectedAt } = await getAgent({ ctx: admin, input: { agentId } });
    return connectedAt !== null && connectedAt >= from;
  });
}

/** Waits until an agent serves what its site should serve. */
export async function waitForConfiguration(admin: ServiceContext, agentId: string): Promise<void> {
  await waitUntil('the new agent to take over the configuration', async () => {
    const { ackedVersion, desiredVersion } = await getAgent({ ctx: admin, input: { agentId } });
    return ackedVersion === desiredVersion;
  });
}

/**
 * Makes room for a new agent at a site: revokes the demo's earlier agents and tokens there, also those that an interrupted replacement has left
 * behind, and moves the old agent's folder aside. Returns where it is now; null when there was none.
 */
export async function retireAgent(settings: Settings, admin: ServiceContext, siteId: string): Promise<string | null> {
  // By token, because a second agent of one name is given another.
  const where = { tenantId: admin.tenantId, siteId, agentName: plan.agentName };
  for (const { id, usedByAgentId } of await read(admin, (tx) => tx.joinToken.findMany({ where }))) {
    if (usedByAgentId === null) await revokeJoinToken({ ctx: admin, input: { id } });
    else await revokeAgent({ ctx: admin, input: { agentId: usedByAgentId } });
  }

  const folder = getAgentDataDir(settings);
  if (!existsSync(folder)) return null;
  const aside = `${folder}-until-${new Date().toISOString().replaceAll(':', '')}`;
  renameSync(folder, aside);
  return aside;
}
