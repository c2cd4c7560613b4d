import { AGENT_FEATURES } from '@gatehouse/protocol/features';
import { toAuthenticationBytes, type Authenticate, type Challenge } from '@gatehouse/protocol/messages';

import type { Identity } from '../state/identity.ts';
import { signWith } from '../state/keys.ts';
import type { AgentFacts } from './agent-facts.ts';

/** The answer to a challenge: proves the key for this nonce, this hub and this epoch only. It is in the protocol of the challenge. */
export function answerChallenge(options: {
  challenge: Challenge;
  identity: Identity;
  epoch: number;
  facts: AgentFacts;
  now: Date;
}): Authenticate {
  const { challenge, identity, epoch, facts, now } = options;
  const { agentId, privateKey } = identity;
  const audience = new URL(identity.hub).host;
  return {
    type: 'authenticate',
    protocol: challenge.protocol,
    agentId,
    epoch,
    audience,
    signature: signWith(privateKey, toAuthenticationBytes({ nonce: challenge.nonce, audience, agentId, epoch })),
    ...facts,
    clock: now.toISOString(),
    ...(challenge.protocol >= 2 && { features: [...AGENT_FEATURES] }),
  };
}
