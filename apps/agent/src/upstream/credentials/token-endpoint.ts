import * as z from 'zod';

import { readJson } from '@gatehouse/policy/documents/json';
import type { ClientCredentials } from '@gatehouse/policy/documents/snapshot';

import { runToStart } from '../abort.ts';
import { toUpstreamFailure, UpstreamFailure } from '../failure.ts';
import type { AuthorizerDeps } from './authorizer.ts';

const MAX_BYTES = 64 * 1024;

/** RFC 6749 §5.1; a number of seconds in quotes is common */
const TokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{8,16384}$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

/** RFC 6749 §5.2: the closed set of codes. The description beside it is free text and is not repeated. */
const Refusal = z.object({
  error: z.enum([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
  ]),
});

export interface FetchedToken {
  token: string;
  lifetimeMs?: number;
}

/**
 * One token by client credentials (RFC 6749 §4.4), in the time that its server has to start. `lifetimeMs` is left out when the server does not say.
 * Rejects with SecretUnavailable or UpstreamFailure.
 */
export async function requestToken(
  credential: ClientCredentials,
  getSecret: () => Promise<string>,
  { outbound, onSecret, timed }: Pick<AuthorizerDeps, 'outbound' | 'onSecret' | 'timed'>,
): Promise<FetchedToken> {
  const url = new URL(credential.tokenUrl);
  const secret = await getSecret();
  const { headers, form } = authenticateClient(credential, secret, onSecret);
  form.set('grant_type', 'client_credentials');
  if (credential.scope !== null) form.set('scope', credential.scope);
  const ask = async (signal: AbortSignal) => {
    const answer = await outbound.request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
      maxBytes: MAX_BYTES,
      signal,
    });
    return { status: answer.status, body: readJson(await answer.body.readText()) };
  };
  // no caller's signal: others may wait for the same token
  const { status, body } = await runToStart(timed, new AbortController().signal, ask).catch((error: unknown) => {
    throw describeUnreachable(url, error);
  });
  if (status !== 200) throw describeRefusal(url, status, body);
  const token = TokenAnswer.safeParse(body);
  if (!token.success) {
    throw new UpstreamFailure(
      'credential_unavailable',
      `The token endpoint at ${url.host} answered without a bearer token of eight characters or more.`,
    );
  }
  const { access_token, expires_in } = token.data;
  onSecret(access_token);
  return { token: access_token, ...(expires_in === undefined ? {} : { lifetimeMs: expires_in * 1_000 }) };
}

/** RFC 6749 §2.3.1: in the Authorization header both parts are form-encoded first. */
function authenticateClient(
  { clientId, clientAuthentication: how }: ClientCredentials,
  secret: string,
  onSecret: (value: string) => void,
): { headers: Record<string, string>; form: URLSearchParams } {
  if (how === 'body') return { headers: {}, form: new URLSearchParams({ client_id: clientId, client_secret: secret }) };
  const pair = Buffer.from(`${encodeForm(clientId)}:${encodeForm(secret)}`).toString('base64');
  onSecret(pair);
  return { headers: { authorization: `Basic ${pair}` }, form: new URLSearchParams() };
}

function encodeForm(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function describeRefusal(url: URL, status: number, body: unknown): UpstreamFailure {
  const known = Refusal.safeParse(body);
  const why = known.success ? known.data.error : `HTTP ${status}`;
  const message = `The token endpoint at ${url.host} refused the client credentials of this server (${why}). Check client id, secret and scope.`;
  return new UpstreamFailure(status >= 500 ? 'upstream_unreachable' : 'credential_unavailable', message, { status });
}

/** The address of the endpoint is no secret; nothing else of the request is repeated. */
function describeUnreachable(url: URL, error: unknown): UpstreamFailure {
  const { code, message, limit } = toUpstreamFailure(error);
  const told = limit ? message : undefined;
  return new UpstreamFailure(code, `The token endpoint at ${url.host}: ${message}`, {
    cause: error,
    told,
    limit: limit ?? undefined,
  });
}
