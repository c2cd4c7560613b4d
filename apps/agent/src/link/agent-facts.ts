import { hostname } from 'node:os';

import { removeUnseen } from '@gatehouse/policy/findings/remove-unseen';
import { redactMachineName } from '@gatehouse/redaction/machine-name';

import manifest from '../../package.json' with { type: 'json' };

export const AGENT_VERSION = manifest.version;

/** What the hub is told about this program and its machine. */
export interface AgentFacts {
  agentVersion: string;
  hostname: string;
  platform: string;
}

/** `scrub` takes out every credential that this machine holds. Whoever names a machine may have put anything into its name. */
export function readAgentFacts(scrub: (text: string) => string): AgentFacts {
  const name = redactMachineName(removeUnseen(scrub(hostname()))).slice(0, 255);
  return { agentVersion: AGENT_VERSION, hostname: name, platform: `${process.platform} ${process.arch}` };
}
