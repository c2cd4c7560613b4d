import { randomBytes } from 'node:crypto';

import { generateAuthenticationOptions, type PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { z } from 'zod';

import { parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { consumeByAddress } from '../../throttle/by-address.ts';
import { CHALLENGE_MS, keepChallenge } from './challenge.ts';
import { requireRelyingParty } from './relying-party.ts';

export const BeginPasskeySignIn = z.strictObject({ ip: z.string().max(64) });
export type BeginPasskeySignIn = z.input<typeof BeginPasskeySignIn>;

export interface BegunSignIn {
  /** names no account: the browser offers what it has for this console */
  options: PublicKeyCredentialRequestOptionsJSON;
  /** for a cookie of the browser: what is signed counts from there alone */
  secret: string;
}

/** What somebody signs in by who has said nothing yet. Throws `precondition` where there are no passkeys, or `rate_limited`. */
export async function beginPasskeySignIn({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: BeginPasskeySignIn;
}): Promise<BegunSignIn> {
  const { ip } = parseInput(BeginPasskeySignIn, input);
  const party = requireRelyingParty(runtime);
  await consumeByAddress(runtime, 'passkey', ip);
  const options = await generateAuthenticationOptions({ rpID: party.id, userVerification: 'required', timeout: CHALLENGE_MS });
  const secret = randomBytes(32).toString('base64url');
  await keepChallenge(runtime, buildBrowserHolder(secret), options.challenge);
  return { options, secret };
}

export const buildBrowserHolder = (secret: string): string => `browser:${secret}`;
