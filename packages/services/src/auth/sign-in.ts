import { z } from 'zod';

import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { checkCredentials } from './check-credentials.ts';
import { checkSecondStep, GivenCode } from './code/check-second-step.ts';
import { Email } from './email.ts';
import { WorkspaceSlug } from './find-account.ts';
import { PasswordText } from './password.ts';
import { startSession } from './session/start-session.ts';

export const SignIn = z.strictObject({
  email: Email,
  password: PasswordText.min(1),
  /** of the authenticator app, or a recovery code, where the account asks for one */
  code: GivenCode,
  /** address of the browser, for the throttle and the list of sessions */
  ip: z.string().max(64),
  userAgent: z.string().nullable().default(null),
  /** of a browser that proved that it signed in to this account before; null for any other */
  deviceId: z.uuid().nullable().default(null),
  workspace: WorkspaceSlug,
});
export type SignIn = z.input<typeof SignIn>;

export interface SignedIn {
  userId: string;
  sessionId: string;
  email: string;
  name: string;
}

/**
 * Checks e-mail and password, and the code where the account asks for one, and opens a console session. Throws CodeDueError and WrongCodeError
 * to whoever has the password, else `not_permitted`, `rate_limited` or `unavailable`.
 */
export async function signIn({ runtime, input }: { runtime: Runtime; input: SignIn }): Promise<SignedIn> {
  const { userAgent, deviceId, code, ...credentials } = parseInput(SignIn, input);
  const user = await checkCredentials(runtime, { ...credentials, knownAs: deviceId });
  await checkSecondStep(runtime, { userId: user.id, code, knownAs: deviceId });
  const sessionId = await startSession(runtime, user.id, { ip: credentials.ip, userAgent });
  return { userId: user.id, sessionId, email: credentials.email, name: user.name };
}
