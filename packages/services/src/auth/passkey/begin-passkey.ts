import { generateRegistrationOptions, type PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput, ServiceError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { listTenants } from '../list-tenants.ts';
import { PasswordProof, provePassword } from '../prove-password.ts';
import { CHALLENGE_MS, keepChallenge } from './challenge.ts';
import { ALGORITHMS, requireRelyingParty } from './relying-party.ts';

/** passkeys of one account */
const MAX_PASSKEYS = 20;

export const BeginPasskey = PasswordProof.extend({ sessionId: z.uuid() });
export type BeginPasskey = z.input<typeof BeginPasskey>;

/**
 * What a browser makes a passkey by, for the session that asks. Throws `precondition` where there can be none, `not_permitted` at
 * `currentPassword`, `conflict` when there are too many.
 */
export async function beginPasskey({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: BeginPasskey;
}): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { sessionId, ...proof } = parseInput(BeginPasskey, input);
  const party = requireRelyingParty(runtime);
  const { id: userId, name } = await provePassword(runtime, proof);
  const passkeys = await runInLookup(runtime.db, { userId }, (tx) => tx.passkey.findMany({ where: { userId } }));
  if (passkeys.length >= MAX_PASSKEYS) {
    throw new ServiceError('conflict', `There are ${MAX_PASSKEYS} passkeys already. Remove one that is not used.`);
  }
  const [home] = await listTenants({ runtime, input: { userId } });
  const options = await generateRegistrationOptions({
    rpName: party.name,
    rpID: party.id,
    userID: new Uint8Array(Buffer.from(userId)),
    userName: home?.email ?? name,
    userDisplayName: name,
    timeout: CHALLENGE_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    // the same device, or the same password manager, is enough once
    excludeCredentials: passkeys.map(({ credentialId }) => ({ id: credentialId })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await keepChallenge(runtime, buildHolder(sessionId), options.challenge);
  return options;
}

/** One passkey at a time is made in a session. */
export const buildHolder = (sessionId: string): string => `session:${sessionId}`;
