import { join } from 'node:path';

import type { Supervisor } from '../processes/supervisor.ts';
import { root, readSecret, type Settings } from '../settings.ts';
import { ensureGuardrails } from './guardrails.ts';

export const getAgentDataDir = (settings: Settings) => join(settings.dataDir, 'agent');

/** Starts the demo's agent; with a token it enrols first. */
export async function startAgent(supervisor: Supervisor, settings: Settings, joinToken?: string): Promise<void> {
  await supervisor.launch(settings, {
    name: 'agent',
    command: [process.execPath, join(root, 'apps/agent/dist/gatehouse-agent.mjs'), 'up'],
    env: {
      NODE_ENV: 'production',
      GATEHOUSE_DATA_DIR: getAgentDataDir(settings),
      GATEHOUSE_LISTEN: `127.0.0.1:${settings.ports.agent}`,
      GATEHOUSE_GUARDRAILS_FILE: await ensureGuardrails(settings),
      GATEHOUSE_LOG_LEVEL: process.env.GATEHOUSE_LOG_LEVEL,
      // everything of the demo belongs to whoever starts it
      GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
      GATEHOUSE_SECRETS_DIR: join(settings.dataDir, 'agent-secrets'),
      GATEHOUSE_ENROLL_TOKEN: joinToken,
      ORDERS_TOKEN: readSecret(settings, 'orders-token'),
    },
    readyUrl: `http://127.0.0.1:${settings.ports.agent}/healthz`,
  });
}

/** Starts the orders team's server, which the demo puts behind the agent. The other servers are programs that the agent starts itself. */
export function startOrders(supervisor: Supervisor, settings: Settings): Promise<void> {
  return supervisor.launch(settings, {
    name: 'orders',
    command: [process.execPath, join(root, 'apps/pilot/src/main.ts')],
    env: { ORDERS_PORT: String(settings.ports.orders), ORDERS_TOKEN: readSecret(settings, 'orders-token') },
    readyUrl: `http://127.0.0.1:${settings.ports.orders}/healthz`,
  });
}
