import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

import { createOpsHandler, type OpsHandler } from '@gatehouse/process/ops-server';

import { AGENT_VERSION } from '../link/agent-facts.ts';
import type { AgentStatus } from './readiness.ts';

export interface AgentOps {
  handle: OpsHandler;
  /** what /readyz tells from now on; before that the agent is offline */
  report(status: () => AgentStatus): void;
}

export interface AgentOpsOptions {
  registry: Registry;
  token: string | null;
  /** the name that is listened on, by which `gatehouse-agent status` asks */
  ownName?: string;
  log: Logger;
}

/** Answers operations requests. No value of a call and no credential is in the answers. */
export function createAgentOps({ registry, token, ownName, log }: AgentOpsOptions): AgentOps {
  let readStatus = (): Pick<AgentStatus, 'status'> => ({ status: 'offline' });
  const handle = createOpsHandler({
    version: { name: 'gatehouse-agent', version: AGENT_VERSION, node: process.version },
    checkReadiness() {
      const report = readStatus();
      return { isReady: report.status === 'ok' || report.status === 'degraded', report };
    },
    metrics: registry,
    token,
    ownName,
    log,
  });
  return {
    handle,
    report(status) {
      readStatus = status;
    },
  };
}
