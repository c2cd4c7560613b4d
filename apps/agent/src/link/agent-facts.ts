import { hostname } from 'node:os';

import manifest from '../../package.json' with { type: 'json' };

export const AGENT_VERSION = manifest.version;

/** What the hub is told about this program and its machine. */
export interface AgentFacts {
  agentVersion: string;
  hostname: string;
  platform: string;
}

export function readAgentFacts(): AgentFacts {
  return { agentVersion: AGENT_VERSION, hostname: hostname().slice(0, 255), platform: `${process.platform} ${process.arch}` };
}
