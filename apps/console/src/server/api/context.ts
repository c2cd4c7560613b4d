import { checkSession, type SignedInUser } from '@gatehouse/services/auth/check-session';
import { openContext } from '@gatehouse/services/auth/open-context';
import type { ServiceContext } from '@gatehouse/services/context';
import { createNotFoundError } from '@gatehouse/services/errors';
import type { Runtime } from '@gatehouse/services/runtime';

/** What the transport knows of one HTTP request before any procedure runs. */
export interface ApiRequest {
  runtime: Runtime;
  /** content of the browser's token, if any */
  token: { sid: string; uid: string } | null;
  /** from the URL: nothing is trusted about it yet. Null where a request is about the person alone */
  tenantSlug: string | null;
  /** address of the browser, for throttles and queues */
  ip: string;
  requestId: string;
  /** the request was made by a page of this console */
  sameOrigin: boolean;
  /** hears the secret that the browser is to keep in a cookie until it has signed in by a passkey */
  onChallenge: (secret: string) => void;
  /** aborted when the process begins to stop */
  stopping: AbortSignal;
}

export interface ApiContext extends ApiRequest {
  findUser(): Promise<SignedInUser | null>;
  openService(user: SignedInUser): Promise<ServiceContext>;
}

/** Session and membership are read once per HTTP request, however many procedures it batches. */
export function createApiContext(request: ApiRequest): ApiContext {
  let user: Promise<SignedInUser | null> | undefined;
  let service: Promise<ServiceContext> | undefined;
  return {
    ...request,
    findUser: () => (user ??= findUser(request)),
    openService: ({ userId, sessionId }) => {
      const { runtime, tenantSlug, requestId } = request;
      if (tenantSlug === null) throw createNotFoundError('workspace');
      return (service ??= openContext({ runtime, input: { userId, tenantSlug, requestId, sessionId } }));
    },
  };
}

async function findUser({ runtime, token }: ApiRequest): Promise<SignedInUser | null> {
  return token && checkSession({ runtime, input: { sessionId: token.sid, userId: token.uid } });
}
