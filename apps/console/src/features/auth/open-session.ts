import { signIn } from 'next-auth/react';

import { LAST_WORKSPACE } from './sign-in.ts';

export interface SessionRequest {
  email: string;
  password: string;
  /** slug of the workspace that the person signs in to; undefined where there is one only */
  workspace: string | undefined;
  /** of an authenticator app, where the account asks for one */
  code?: string;
}

/** Signs a person in. Null when that worked, else a code of `describeSignInError`. */
export async function openSession({ email, password, workspace, code }: SessionRequest): Promise<string | null> {
  const credentials = { email, password, ...(workspace && { workspace }), ...(code && { code }) };
  const answer = await signIn('credentials', { ...credentials, redirect: false }).catch(() => undefined);
  if (!answer?.ok || answer.error) return answer?.error ?? 'Unavailable';
  if (workspace !== undefined) {
    document.cookie = `${LAST_WORKSPACE}=${encodeURIComponent(workspace)}; Path=/login; Max-Age=15552000; SameSite=Lax`;
  }
  return null;
}
