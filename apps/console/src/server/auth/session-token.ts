import { decode } from 'next-auth/jwt';
import { z } from 'zod';

/** The whole content of the browser's token. */
export const SessionToken = z.object({ sid: z.uuid(), uid: z.uuid() });
export type SessionToken = z.infer<typeof SessionToken>;

export interface TokenProof {
  /** NEXTAUTH_SECRET */
  secret: string;
  /** the console is reached over https */
  secure: boolean;
}

/** The token in the Cookie header of a browser that signed in here, while it has not run out; whether its session still lasts, the database says. */
export async function readSessionToken(
  cookies: string | undefined,
  { secret, secure }: TokenProof,
): Promise<SessionToken | null> {
  const prefix = `${secure ? '__Secure-' : ''}next-auth.session-token=`;
  const cookie = cookies?.split(';').find((part) => part.trimStart().startsWith(prefix));
  if (cookie === undefined) return null;
  const content = await decode({ token: cookie.trim().slice(prefix.length), secret }).catch(() => null);
  const token = SessionToken.safeParse(content);
  return token.success ? token.data : null;
}
