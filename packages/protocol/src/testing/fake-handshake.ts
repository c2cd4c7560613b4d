import { verify } from 'node:crypto';

import { buildRejection } from '../codec.ts';
import { importPublicKey } from '../ed25519.ts';
import { toAuthenticationBytes, getCloseCode, type Authenticate, type LinkErrorCode } from '../messages.ts';
import type { FakeAgentRecord } from './fake-enrolment.ts';
import type { FakeHubConnection } from './fake-hub-connection.ts';

/** Why an `authenticate` is refused, in the hub's order; null when it is good. */
export function findRefusal(
  message: Authenticate,
  agent: FakeAgentRecord | undefined,
  expected: { nonce: string; audience: string },
): LinkErrorCode | null {
  if (!agent || message.audience !== expected.audience) return 'unauthenticated';
  const bytes = toAuthenticationBytes({ ...message, nonce: expected.nonce });
  if (!verify(null, bytes, importPublicKey(agent.publicKey), Buffer.from(message.signature, 'base64'))) return 'unauthenticated';
  return message.epoch > agent.epoch ? null : 'epoch_reused';
}

/** `rejected` with the code, then the close code that goes with it. */
export function refuseConnection(connection: FakeHubConnection, code: LinkErrorCode): void {
  connection.send(buildRejection('authenticate', code, `Refused by the fake hub: ${code}`));
  void connection.close(getCloseCode(code));
}
