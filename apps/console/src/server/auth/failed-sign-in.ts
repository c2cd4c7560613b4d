import { z } from 'zod';

import { describeSignInError } from '../../features/auth/sign-in.ts';
import { SIGN_IN_ERRORS } from './options.ts';

/** What next-auth answers to a sign-in without a page; the address of the login page carries the code of the error. */
const FailedSignIn = z.object({ url: z.url() });

const STATUS: Record<string, number> = { [SIGN_IN_ERRORS.rate_limited]: 429, [SIGN_IN_ERRORS.other]: 503 };

/**
 * next-auth answers 401 whatever the reason is. Gives those that are not about the password their own status, with a sentence in `message`;
 * any other answer is returned as it is. `retryAfterMs`: when the next attempt may be made, for Retry-After.
 */
export async function explainFailedSignIn(response: Response, retryAfterMs?: number): Promise<Response> {
  if (response.status !== 401) return response;
  const body = FailedSignIn.safeParse(
    await response
      .clone()
      .json()
      .catch(() => null),
  );
  const code = body.success ? new URL(body.data.url).searchParams.get('error') : null;
  const status = code === null ? undefined : STATUS[code];
  if (code === null || status === undefined) return response;
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  return Response.json({ ...body.data, message: describeSignInError(code) }, { status, headers });
}
