import { randomBytes, randomUUID } from 'node:crypto';

import { changePassword } from '@gatehouse/services/auth/change-password';
import { openContext } from '@gatehouse/services/auth/open-context';
import { signIn } from '@gatehouse/services/auth/sign-in';
import type { ServiceContext } from '@gatehouse/services/context';
import { ServiceError } from '@gatehouse/services/errors';
import type { Runtime } from '@gatehouse/services/runtime';

import { LocalError, type Settings } from '../settings.ts';
import { findUser, type DemoFile } from './file.ts';

const HERE = { ip: '127.0.0.1', userAgent: 'npm start' };

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
  const { userId } = await signIn({ runtime, input: { ...HERE, email, password, workspace: tenantSlug } });
  return openContext({ runtime, input: { userId, tenantSlug, requestId: randomUUID() } });
}

/** Signs the owner of an earlier start's demo in. Throws a LocalError when the demo's owner or tenant is not there any more. */
export async function signInOwner(
  settings: Settings,
  demo: Pick<DemoFile, 'tenant' | 'users'>,
  runtime: Runtime,
): Promise<ServiceContext> {
  try {
    return await signInTo({ runtime, tenantSlug: demo.tenant, ...findUser(demo, 'owner') });
  } catch (cause) {
    // Anything else, such as too many attempts, passes by itself: no reason to delete anything.
    if (!(cause instanceof ServiceError && ['not_permitted', 'not_found'].includes(cause.code))) throw cause;
    const message = `The demo's owner cannot sign in any more. Delete the folder ${settings.dataDir} and run npm start again.`;
    throw new LocalError(message, { cause });
  }
}

/** The demo's people with passwords that they chose: those that an earlier version gave them open nothing any more. */
export async function choosePasswords<Demo extends Pick<DemoFile, 'tenant' | 'users'>>(
  demo: Demo,
  runtime: Runtime,
): Promise<Demo> {
  const users: DemoFile['users'] = [];
  for (const user of demo.users) {
    const newPassword = makePassword();
    const { email, password: currentPassword } = user;
    const session = await signIn({ runtime, input: { ...HERE, email, password: currentPassword, workspace: demo.tenant } }).catch(
      () => null,
    );
    if (session === null) {
      // Changed in the console since: the file has not known it for a while.
      users.push(user);
      continue;
    }
    const { userId, sessionId } = session;
    await changePassword({ runtime, input: { userId, sessionId, currentPassword, newPassword } });
    users.push({ ...user, password: newPassword });
  }
  return { ...demo, users };
}

/** A password of one of the demo's people. */
export const makePassword = (): string => randomBytes(12).toString('base64url');
