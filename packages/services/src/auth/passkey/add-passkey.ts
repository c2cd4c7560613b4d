import { verifyRegistrationResponse } from '@simplewebauthn/server';
import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput, ServiceError } from '../../errors.ts';
import { createNameSchema } from '../../name.ts';
import type { Runtime } from '../../runtime.ts';
import { buildHolder } from './begin-passkey.ts';
import { MadePasskey } from './browser-answer.ts';
import { takeChallenge } from './challenge.ts';
import { ALGORITHMS, requireRelyingParty } from './relying-party.ts';

/** What a person calls a passkey: "Phone". */
export const PasskeyName = createNameSchema(60);

export const AddPasskey = z.strictObject({ userId: z.uuid(), sessionId: z.uuid(), name: PasskeyName, answer: MadePasskey });
export type AddPasskey = z.input<typeof AddPasskey>;

/**
 * Keeps the passkey that the browser of this session has made. Throws `expired` when none was begun, `invalid` for an answer that is not the one,
 * `conflict` for a passkey that is there already.
 */
export async function addPasskey({ runtime, input }: { runtime: Runtime; input: AddPasskey }): Promise<{ id: string }> {
  const { userId, sessionId, name, answer } = parseInput(AddPasskey, input);
  const party = requireRelyingParty(runtime);
  const challenge = await takeChallenge(runtime, buildHolder(sessionId));
  if (challenge === null) throw new ServiceError('expired', 'That took too long. Begin again.');
  const { id: credentialId, publicKey, counter } = await readCredential(runtime, answer, { challenge, party });
  const { transports } = answer.response;
  const data = { userId, name, credentialId, publicKey: Buffer.from(publicKey), counter, transports, createdAt: runtime.now() };
  const made = await runInLookup(runtime.db, { userId }, (tx) => tx.passkey.create({ data })).catch((error: unknown) => {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error;
    throw new ServiceError('conflict', 'This passkey is there already.', { cause: error });
  });
  runtime.log.info({ userId, passkeyId: made.id }, 'passkey added');
  return { id: made.id };
}

async function readCredential(
  { log }: Runtime,
  answer: z.output<typeof MadePasskey>,
  { challenge, party }: { challenge: string; party: { id: string; origin: string } },
) {
  const refused = new ServiceError('invalid', 'What the browser answered is not a passkey for this console. Begin again.');
  const verified = await verifyRegistrationResponse({
    response: { ...answer, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch((error: unknown) => {
    log.info({ err: error }, 'a passkey was refused');
    throw refused;
  });
  if (!verified.verified) throw refused;
  return verified.registrationInfo.credential;
}
