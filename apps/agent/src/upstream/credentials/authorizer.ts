import { isCredentialHeader } from '@gatehouse/policy/documents/rest-operation';
import { listCredentials, type Credential, type OneCredential } from '@gatehouse/policy/documents/snapshot';

import { isHeaderValue } from '../../outbound/header-value.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { SecretUnavailable } from '../../secrets/secret-file.ts';
import { listDestinations, type ResolveSecret } from '../../secrets/site-secrets.ts';
import type { TimedRequest } from '../failure.ts';
import { openTokenSource, type TokenSource } from './client-credentials.ts';
import { requestToken } from './token-endpoint.ts';

/** One header or parameter of a request. */
type Named = readonly [name: string, value: string];

/** What a request carries beside its own. */
export interface Authorization {
  headers: readonly Named[];
  /** parameters of the URL */
  query: readonly Named[];
}

/** How requests to one server are authenticated. */
export interface Authorizer {
  /**
   * What a request to an origin carries; null when that origin gets none. Rejects with SecretUnavailable or UpstreamFailure, whose
   * messages hold no secret.
   */
  authorize(this: void, origin: string, signal?: AbortSignal): Promise<Authorization | null>;
  /**
   * Forgets a value that the server did not accept. True when the next one will be another: a request that may be repeated is worth a second
   * try.
   */
  discard(this: void, refused: Authorization): boolean;
}

export interface AuthorizerDeps {
  outbound: Pick<Outbound, 'request'>;
  resolveSecret: ResolveSecret;
  /** told every derived secret before it is used, so that it is scrubbed wherever it turns up */
  onSecret: (value: string) => void;
  now: () => Date;
  /** a token is fetched in the time that its server has to start */
  timed: TimedRequest;
}

/** For the server at `origin`. Make one per server and keep it: it holds the token of a server with client credentials. */
export function createAuthorizer(credential: Credential | null, origin: string, deps: AuthorizerDeps): Authorizer {
  const sources = listCredentials(credential).map((one) => ({ kind: one.kind, ...createSource(one, origin, deps) }));
  const fixed = credential?.kind === 'several' ? credential.headers.map(({ name, value }) => [name, value] as const) : [];
  return {
    async authorize(to, signal) {
      if (to !== origin || !credential) return null;
      const [only, ...more] = sources;
      const found =
        only && more.length === 0 ? [await only.get(signal)] : await getAll(sources.map((source) => source.get(signal)));
      const headers: Named[] = [...fixed];
      const query: Named[] = [];
      for (const [at, named] of found.entries()) (sources[at]?.kind === 'query' ? query : headers).push(named);
      return { headers, query };
    },
    // every one is told, so none stops at the first
    discard: ({ headers }) =>
      sources.filter((source) => headers.filter(([, value]) => source.discard(value)).length > 0).length > 0,
  };
}

/** All of them, or a rejection that names each secret which cannot be had: who puts one right should not have to find the next by trying. */
async function getAll<V>(values: readonly Promise<V>[]): Promise<V[]> {
  const settled = await Promise.allSettled(values);
  const reasons = settled.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
  const missing = reasons.flatMap((reason) => (reason instanceof SecretUnavailable ? [reason.message] : []));
  if (missing.length > 1) throw new SecretUnavailable([...new Set(missing)].join(' '));
  if (reasons.length > 0) throw reasons[0];
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** The URL with the parameters of a credential, in place of its own of those names. */
export function addQuery(url: URL, { query }: Pick<Authorization, 'query'>): URL {
  if (query.length === 0) return url;
  const names = new Set(query.map(([name]) => name));
  const added = dropParameters(url, (name) => names.has(name));
  const own = added.search.slice(1);
  added.search = [...(own === '' ? [] : [own]), ...query.map((pair) => pair.map(encodeURIComponent).join('='))].join('&');
  return added;
}

/** The URL without some of its parameters; the others stay as they are written. */
export function dropParameters(url: URL, isDropped: (name: string) => boolean): URL {
  const kept = new URL(url);
  kept.search = url.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && ![...new URLSearchParams(part).keys()].some(isDropped))
    .join('&');
  return kept;
}

/** The headers of a request with those of its credential, in lower case and in place of its own of those names; all cookies of a credential are one header. */
export function addHeaders(own: Record<string, string>, { headers }: Pick<Authorization, 'headers'>): Record<string, string> {
  const all = { ...own };
  const cookies: string[] = [];
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key === 'cookie') cookies.push(value);
    else all[key] = value;
  }
  if (cookies.length > 0) all['cookie'] = cookies.join('; ');
  return all;
}

interface Source {
  get(signal?: AbortSignal): Promise<Named>;
  discard(value: string): boolean;
}

function createSource(credential: OneCredential, origin: string, deps: AuthorizerDeps): Source {
  const getSecret = () => deps.resolveSecret(credential.reference, listDestinations(credential, origin));
  switch (credential.kind) {
    case 'header': {
      const isFit = isCredentialHeader(credential.header);
      return createFixed(async () => {
        if (!isFit) {
          throw new SecretUnavailable(
            `The header ${credential.header} belongs to the connection or the protocol and takes no credential. Use another one.`,
          );
        }
        return [credential.header, requirePrintable(credential.reference, credential.prefix + (await getSecret()))];
      });
    }
    case 'basic':
      return createFixed(async () => {
        const secret = await getSecret();
        const pair = Buffer.from(`${credential.username}:${secret}`).toString('base64');
        deps.onSecret(pair);
        return ['Authorization', `Basic ${pair}`];
      });
    case 'query':
      return createFixed(async () => {
        const secret = await getSecret();
        // as servers write it that put the parameters of a URL together anew
        deps.onSecret(new URLSearchParams({ '': secret }).toString().slice(1));
        return [credential.parameter, secret];
      });
    case 'client_credentials':
      return createBearer(openTokenSource(() => requestToken(credential, getSecret, deps), deps.now));
  }
}

/** Read anew each time, so a changed file is used at once; a second try would send the same. */
function createFixed(get: () => Promise<Named>): Source {
  return { get, discard: () => false };
}

function createBearer(source: TokenSource): Source {
  return {
    get: async (signal) => ['Authorization', `Bearer ${await source.getToken(signal)}`],
    discard(value) {
      if (!value.startsWith('Bearer ')) return false;
      source.discard(value.slice('Bearer '.length));
      return true;
    },
  };
}

/** Checked here, because the error that a request would throw repeats the value. */
function requirePrintable(reference: string, value: string): string {
  if (isHeaderValue(value)) return value;
  throw new SecretUnavailable(`${reference} holds characters that an HTTP header cannot carry.`);
}
