import { signIn } from 'next-auth/react';

export interface SessionRequest {
  email: string;
  password: string;
  /** slug of the workspace that the person is on the way to */
  workspace: string | undefined;
}

/** Signs a person in. Null when that worked, else a code of `describeSignInError`. */
export async function openSession({ email, password, workspace }: SessionRequest): Promise<string | null> {
  const credentials = { email, password, ...(workspace === undefined ? {} : { workspace }) };
  const answer = await signIn('credentials', { ...credentials, redirect: false }).catch(() => undefined);
  return answer?.ok && !answer.error ? null : (answer?.error ?? 'Unavailable');
}
