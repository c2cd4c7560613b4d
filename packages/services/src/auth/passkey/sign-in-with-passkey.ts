import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { z } from 'zod';

import type { Passkey } from '@gatehouse/db/client';
import { presentKey, runInLookup } from '@gatehouse/db/tenant';

import { parseInput, ServiceError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { startSession } from '../session/start-session.ts';
import { buildBrowserHolder } from './begin-passkey-sign-in.ts';
import { SignedChallenge } from './browser-answer.ts';
import { takeChallenge } from './challenge.ts';
import { requireRelyingParty } from './relying-party.ts';

export const SignInWithPasskey = z.strictObject({
  answer: SignedChallenge,
  /** of the cookie that the browser was given when this began */
  secret: z.string().max(100),
  ip: z.string().max(64),
  userAgent: z.string().nullable().default(null),
});
export type SignInWithPasskey = z.input<typeof SignInWithPasskey>;

/**
 * Opens a console session by a passkey. Its holder was seen by the device (PIN, finger, face), so no code is asked for. An unknown passkey, a wrong
 * signature, a used challenge and a disabled person get one answer: `not_permitted`.
 */
export async function signInWithPasskey({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: SignInWithPasskey;
}): Promise<{ userId: string; sessionId: string }> {
  const { answer, secret, ...browser } = parseInput(SignInWithPasskey, input);
  const party = requireRelyingParty(runtime);
  const challenge = await takeChallenge(runtime, buildBrowserHolder(secret));
  const passkey = await findPasskey(runtime, answer.id);
  if (challenge === null || !passkey) throw createRefusal();
  const counter = await verifyAnswer(runtime, answer, { challenge, party, passkey });
  const { id, userId } = passkey;
  await runInLookup(runtime.db, { userId }, async (tx) => {
    // one that counts never goes back, also when two answers come at the same time
    const isNewer = counter === 0n ? { counter: 0n } : { counter: { lt: counter } };
    const data = { counter, lastUsedAt: runtime.now() };
    const { count } = await tx.passkey.updateMany({ where: { id, userId, ...isNewer }, data });
    if (count === 0) throw createRefusal();
  });
  return { userId, sessionId: await startSession(runtime, userId, browser) };
}

/** The passkey of this id, of an account that may sign in. */
function findPasskey(runtime: Runtime, credentialId: string): Promise<Passkey | null> {
  return runInLookup(runtime.db, { lookup: credentialId }, async (tx) => {
    const passkey = await tx.passkey.findUnique({ where: { credentialId } });
    if (!passkey) return null;
    await presentKey(tx, { userId: passkey.userId });
    const user = await tx.user.findUnique({ where: { id: passkey.userId }, select: { disabledAt: true } });
    return user && user.disabledAt === null ? passkey : null;
  });
}

/** How often the passkey has signed, as it says. */
async function verifyAnswer(
  { log }: Runtime,
  answer: z.output<typeof SignedChallenge>,
  { challenge, party, passkey }: { challenge: string; party: { id: string; origin: string }; passkey: Passkey },
): Promise<bigint> {
  const { credentialId, publicKey, counter } = passkey;
  const verified = await verifyAuthenticationResponse({
    response: { ...answer, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter: Number(counter) },
    requireUserVerification: true,
  }).catch((error: unknown) => {
    log.info({ err: error, passkeyId: passkey.id }, 'a sign-in by a passkey was refused');
    throw createRefusal();
  });
  if (!verified.verified) throw createRefusal();
  return BigInt(verified.authenticationInfo.newCounter);
}

function createRefusal(): ServiceError {
  return new ServiceError('not_permitted', 'This passkey opens no account here. Sign in another way, or add it under Account.');
}
