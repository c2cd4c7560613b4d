import type { Credential } from '@gatehouse/policy/documents/snapshot';

import { isHeaderValue } from '../../outbound/header-value.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { SecretUnavailable } from '../../secrets/secret-file.ts';
import { listDestinations, type ResolveSecret } from '../../secrets/site-secrets.ts';
import { openTokenSource, type TokenSource } from './client-credentials.ts';
import { requestToken } from './token-endpoint.ts';

/** One header of a request. */
export type CredentialHeader = readonly [name: string, value: string];

/** How requests to one server are authenticated. */
export interface Authorizer {
  /**
   * The header for a request to an origin; null when that origin gets none. Rejects with SecretUnavailable or UpstreamFailure, whose
   * messages hold no secret.
   */
  authorize(this: void, origin: string, signal?: AbortSignal): Promise<CredentialHeader | null>;
  /**
   * Forgets a value that the server did not accept. True when the next one will be another: a request that may be repeated is worth a second
   * try.
   */
  discard(this: void, value: string): boolean;
}

export interface AuthorizerDeps {
  outbound: Pick<Outbound, 'request'>;
  resolveSecret: ResolveSecret;
  /** told every derived secret before it is used, so that it is scrubbed wherever it turns up */
  onSecret: (value: string) => void;
  now: () => Date;
}

/** For the server at `origin`. Make one per server and keep it: it holds the token of a server with client credentials. */
export function createAuthorizer(credential: Credential | null, origin: string, deps: AuthorizerDeps): Authorizer {
  const header = createHeaderSource(credential, origin, deps);
  return {
    authorize: async (to, signal) => (to === origin && header ? header.get(signal) : null),
    discard: (value) => header?.discard(value) ?? false,
  };
}

interface HeaderSource {
  get(signal?: AbortSignal): Promise<CredentialHeader>;
  discard(value: string): boolean;
}

function createHeaderSource(credential: Credential | null, origin: string, deps: AuthorizerDeps): HeaderSource | null {
  if (!credential) return null;
  const getSecret = () => deps.resolveSecret(credential.reference, listDestinations(credential, origin));
  switch (credential.kind) {
    case 'header':
      return createFixed(async () => {
        if (STEERING_HEADER.test(credential.header)) {
          throw new SecretUnavailable(
            `The header ${credential.header} steers the connection and takes no credential. Use another one.`,
          );
        }
        return [credential.header, requirePrintable(credential.reference, credential.prefix + (await getSecret()))];
      });
    case 'basic':
      return createFixed(async () => {
        const secret = await getSecret();
        const pair = Buffer.from(`${credential.username}:${secret}`).toString('base64');
        deps.onSecret(pair);
        return ['Authorization', `Basic ${pair}`];
      });
    case 'client_credentials':
      return createBearer(openTokenSource(() => requestToken(credential, getSecret, deps), deps.now));
  }
}

/** Read anew each time, so a changed file is used at once; a second try would send the same. */
function createFixed(get: () => Promise<CredentialHeader>): HeaderSource {
  return { get, discard: () => false };
}

function createBearer(source: TokenSource): HeaderSource {
  return {
    get: async (signal) => ['Authorization', `Bearer ${await source.getToken(signal)}`],
    discard(value) {
      source.discard(value.replace(/^Bearer /, ''));
      return true;
    },
  };
}

/** A proxy before the server could be sent elsewhere by one of these, and the credential with it. */
const STEERING_HEADER =
  /^(?:host|connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*|x-forwarded-.*|forwarded)$/i;

/** Checked here, because the error that a request would throw repeats the value. */
function requirePrintable(reference: string, value: string): string {
  if (isHeaderValue(value)) return value;
  throw new SecretUnavailable(`${reference} holds characters that an HTTP header cannot carry.`);
}
