import { sign, type KeyObject } from 'node:crypto';

import { generateEd25519, importPrivateKey } from '@gatehouse/protocol/ed25519';
import { decodeJoinToken, toEnrolmentBytes } from '@gatehouse/protocol/enrolment';
import { toAuthenticationBytes } from '@gatehouse/protocol/messages';

import type { AuthenticateAgent } from '../../src/agent/authenticate-agent.ts';
import type { EnrolAgent } from '../../src/agent/enrol-agent.ts';

export interface AgentKeys {
  privateKey: KeyObject;
  /** raw, base64 */
  publicKey: string;
}

export function makeAgentKeys(): AgentKeys {
  const { publicKey, privateKey } = generateEd25519();
  return { privateKey: importPrivateKey(privateKey), publicKey: publicKey.toString('base64') };
}

export function readSecret(token: string): string {
  const content = decodeJoinToken(token);
  if (!content) throw new Error('Not a join token');
  return content.secret;
}

/** A valid enrolment request for a token, as an agent makes it. */
export function enrolRequest(token: string, keys = makeAgentKeys(), overrides: Partial<EnrolAgent> = {}): EnrolAgent {
  const secret = readSecret(token);
  const { publicKey } = keys;
  return {
    secret,
    publicKey,
    proof: sign(null, toEnrolmentBytes({ secret, publicKey }), keys.privateKey).toString('base64'),
    hostname: 'host-1',
    platform: 'linux-x64',
    agentVersion: '0.1.0',
    clock: new Date().toISOString(),
    ip: '127.0.0.1',
    ...overrides,
  };
}

/** A valid authentication of an enrolled agent. */
export function makeAuthentication(
  keys: AgentKeys,
  agentId: string,
  epoch: number,
  overrides: Partial<AuthenticateAgent> = {},
): AuthenticateAgent {
  const part = { nonce: 'n'.repeat(22), audience: '127.0.0.1:3001', agentId, epoch };
  return {
    ...part,
    signature: sign(null, toAuthenticationBytes(part), keys.privateKey).toString('base64'),
    agentVersion: '0.1.0',
    hostname: 'host-1',
    platform: 'linux-x64',
    clock: new Date().toISOString(),
    ...overrides,
  };
}
