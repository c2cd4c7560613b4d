import { randomUUID } from 'node:crypto';

import { openContext } from '@gatehouse/services/auth/open-context';
import { signIn } from '@gatehouse/services/auth/sign-in';
import type { ServiceContext } from '@gatehouse/services/context';
import type { Runtime } from '@gatehouse/services/runtime';

/** Signs a person in, as the console does. Returns the context in which they act; throws a ServiceError when they may not. */
export async function signInTo({
  runtime,
  tenantSlug,
  email,
  password,
}: {
  runtime: Runtime;
  tenantSlug: string;
  email: string;
  password: string;
}): Promise<ServiceContext> {
  const { userId } = await signIn({ runtime, input: { email, password, ip: '127.0.0.1', userAgent: 'npm start' } });
  return openContext({ runtime, input: { userId, tenantSlug, requestId: randomUUID() } });
}
