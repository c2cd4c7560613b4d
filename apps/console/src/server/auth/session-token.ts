import { decode } from 'next-auth/jwt';
import { z } from 'zod';

/** The whole content of the browser's token. */
export const SessionToken = z.object({ sid: z.uuid(), uid: z.uuid() });
export type SessionToken = z.infer<typeof SessionToken>;

interface TokenProof {
  /** NEXTAUTH_SECRET */
  secret: string;
  /** the console is reached over https */
  secure: boolean;
}

/** True for the Cookie header of a browser that signed in here and whose token has not run out; whether its session still lasts, the database says. */
export async function hasSessionToken(cookies: string | undefined, { secret, secure }: TokenProof): Promise<boolean> {
  const prefix = `${secure ? '__Secure-' : ''}next-auth.session-token=`;
  const cookie = cookies?.split(';').find((part) => part.trimStart().startsWith(prefix));
  if (cookie === undefined) return false;
  const content = await decode({ token: cookie.trim().slice(prefix.length), secret }).catch(() => null);
  return SessionToken.safeParse(content).success;
}
