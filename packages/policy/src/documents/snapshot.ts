import * as z from 'zod';

import { Slug } from './definition.ts';
import { SnapshotProfile } from './profile.ts';
import { isFreeHeader } from './rest-operation.ts';
import { ServerLimits } from './server-limits.ts';
import { Sha256 } from './sha256.ts';

/** `env:NAME` or `file:/absolute/path`: a place on the agent's machine. Never a value. */
export const SecretReference = z
  .string()
  .regex(/^(?:env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:\/[^\0\r\n]{1,512})$/, 'Use env:NAME or file:/absolute/path');

/** Servers read some with an underscore or a dot, as `api_key`. */
const SentHeaderName = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'Letters, digits, hyphens, underscores and dots');

/** How the agent authenticates to an HTTP upstream: one header whose value comes from a secret reference on the agent. */
export const HeaderCredential = z.object({
  kind: z.literal('header'),
  header: SentHeaderName,
  /** put before the secret, for example "Bearer " */
  prefix: z.string().max(32).default(''),
  reference: SecretReference,
});
export type HeaderCredential = z.infer<typeof HeaderCredential>;

/** HTTP basic authentication; the password comes from a secret reference. */
export const BasicCredential = z.object({
  kind: z.literal('basic'),
  /** RFC 7617: no colon */
  username: z.string().regex(/^[^:\p{Cc}]{1,256}$/u),
  reference: SecretReference,
});
export type BasicCredential = z.infer<typeof BasicCredential>;

/** OAuth 2.0 client credentials (RFC 6749 §4.4): the agent fetches a token and renews it before it ends. */
export const ClientCredentials = z.object({
  kind: z.literal('client_credentials'),
  tokenUrl: z.url({ protocol: /^https?$/ }).max(2_048),
  clientId: z.string().min(1).max(512),
  /** the client secret */
  reference: SecretReference,
  scope: z.string().max(1_000).nullable().default(null),
  /** how client id and secret are sent to the token endpoint */
  clientAuthentication: z.enum(['basic', 'body']).default('basic'),
});
export type ClientCredentials = z.infer<typeof ClientCredentials>;

/** A parameter of the URL whose value comes from a secret reference. */
export const QueryCredential = z.object({
  kind: z.literal('query'),
  parameter: z.string().regex(/^[A-Za-z0-9._~-]{1,64}$/),
  reference: SecretReference,
});
export type QueryCredential = z.infer<typeof QueryCredential>;

const OneCredential = z.discriminatedUnion('kind', [HeaderCredential, BasicCredential, ClientCredentials, QueryCredential]);
export type OneCredential = z.infer<typeof OneCredential>;

/** A header that is no secret and the same in every request, as `X-Org: acme`. */
export const FixedHeader = z.object({
  name: SentHeaderName.refine(
    isFreeHeader,
    'This header belongs to the connection, to the protocol or to what is secret: the agent itself sends it, or none',
  ),
  value: z.string().regex(/^[\x20-\x7e]{0,1024}$/, 'A header holds plain ASCII without line breaks, 1,024 characters at most'),
});
export type FixedHeader = z.infer<typeof FixedHeader>;

/** Most credentials, and most fixed headers, of one request. */
export const MOST_CREDENTIALS = 8;
export const MOST_FIXED_HEADERS = 16;

/**
 * Several credentials in one request, and what else every request carries. A kind of its own, so that an agent of before leaves the server out
 * instead of sending less than what was meant.
 */
export const SeveralCredentials = z
  .object({
    kind: z.literal('several'),
    credentials: z.array(OneCredential).max(MOST_CREDENTIALS),
    headers: z.array(FixedHeader).max(MOST_FIXED_HEADERS),
  })
  .superRefine(({ credentials, headers }, check) => {
    const fixed = headers.map(({ name }) => ({ in: 'header' as const, name }));
    const places = [...credentials.map(getCredentialPlace), ...fixed].map(toPlaceName);
    const twice = places.find((place, index) => places.indexOf(place) !== index);
    if (twice !== undefined) check.addIssue({ code: 'custom', message: `There are two values for ${twice}` });
    if (places.length === 0) check.addIssue({ code: 'custom', message: 'There is nothing to send' });
  });
export type SeveralCredentials = z.infer<typeof SeveralCredentials>;

/** How the agent authenticates to an HTTP upstream. Secrets are references on the agent's machine, never values. */
export const Credential = z.discriminatedUnion('kind', [...OneCredential.options, SeveralCredentials]);
export type Credential = z.infer<typeof Credential>;

/** Each secret that a server is sent; none without a credential. */
export function listCredentials(credential: Credential | null): OneCredential[] {
  if (!credential) return [];
  return credential.kind === 'several' ? credential.credentials : [credential];
}

/** Where a credential or a fixed header stands in a request. Cookies stand together in one header, each under its own name. */
export interface CredentialPlace {
  in: 'header' | 'query' | 'cookie';
  name: string;
}

/** The place of a secret behind a prefix in a header: that of a cookie, where the prefix is its name. */
export function getHeaderPlace(header: string, prefix: string): CredentialPlace {
  const cookie = header.toLowerCase() === 'cookie' ? /^([^=;\s]+)=$/.exec(prefix)?.[1] : undefined;
  return cookie === undefined ? { in: 'header', name: header } : { in: 'cookie', name: cookie };
}

export function getCredentialPlace(credential: OneCredential): CredentialPlace {
  switch (credential.kind) {
    case 'header':
      return getHeaderPlace(credential.header, credential.prefix);
    case 'query':
      return { in: 'query', name: credential.parameter };
    case 'basic':
    case 'client_credentials':
      return { in: 'header', name: 'Authorization' };
  }
}

/** "header x-org": places of one name are one. To whoever hands headers on as variables, an underscore is a hyphen. */
export function toPlaceName({ in: place, name }: CredentialPlace): string {
  if (place === 'cookie') return `cookie ${name}`;
  return place === 'query' ? `parameter ${name}` : `header ${name.toLowerCase().replaceAll('_', '-')}`;
}

/** Name of a stdio server in the guardrails of an agent. */
export const StdioEntryName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be a name of lower-case letters, digits, - and _, 64 at most');

/**
 * How an upstream is reached. `http`: an MCP server, Streamable HTTP of either era or legacy HTTP+SSE, whichever it speaks. `rest`: an HTTP
 * API whose tools were made from its OpenAPI description. A stdio server is only ever a name: the command itself stands in the agent's
 * guardrails.
 */
export const ServerTransport = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('http'),
    url: z.url({ protocol: /^https?$/ }).max(2_048),
    credential: Credential.nullable().default(null),
  }),
  z.object({
    kind: z.literal('stdio'),
    entry: StdioEntryName,
    /** one process for everybody, or one for each session of a client, for servers that keep state or ask the client back */
    processes: z.enum(['shared', 'per_session']).default('shared'),
  }),
  z.object({
    kind: z.literal('rest'),
    /** the paths of the operations are appended to it */
    baseUrl: z.url({ protocol: /^https?$/ }).max(2_048),
    credential: Credential.nullable().default(null),
  }),
]);
export type ServerTransport = z.infer<typeof ServerTransport>;

/** The addresses that a server is reached and its credential is had at; a program has none. */
export function listTransportUrls(transport: ServerTransport): string[] {
  if (transport.kind === 'stdio') return [];
  const own = transport.kind === 'http' ? transport.url : transport.baseUrl;
  const tokens = listCredentials(transport.credential).flatMap((each) =>
    each.kind === 'client_credentials' ? [each.tokenUrl] : [],
  );
  return [own, ...tokens];
}

/** What an MCP server offers beside its lists, as found when it was discovered. */
export const ServerFeatures = z.object({
  logging: z.boolean().default(false),
  completions: z.boolean().default(false),
  /** notifications about single resources */
  resourceSubscriptions: z.boolean().default(false),
});
export type ServerFeatures = z.infer<typeof ServerFeatures>;

export const SnapshotServer = z.object({
  id: z.uuid(),
  slug: Slug,
  name: z.string().min(1).max(80),
  transport: ServerTransport,
  features: ServerFeatures.prefault({}),
  /** absent: the defaults */
  limits: ServerLimits.optional(),
});
export type SnapshotServer = z.infer<typeof SnapshotServer>;

/** A client key as the agent needs it: never the key, only its hash. */
export const SnapshotClientKey = z.object({
  keyId: z.uuid(),
  /** of the whole key string */
  hash: Sha256,
  personId: z.uuid(),
  profileId: z.uuid(),
  expiresAt: z.iso.datetime(),
});
export type SnapshotClientKey = z.infer<typeof SnapshotClientKey>;

/** What the content hash covers: everything but version and lease. */
export const SnapshotContent = z.object({
  servers: z.array(SnapshotServer).max(1_000),
  profiles: z.array(SnapshotProfile).max(1_000),
  clientKeys: z.array(SnapshotClientKey).max(100_000),
  /** ids of revoked, unexpired client keys; only grows, so no older list can revive one */
  revokedKeyIds: z.array(z.uuid()).max(100_000),
});
export type SnapshotContent = z.infer<typeof SnapshotContent>;

/** The whole configuration of a site, as signed. */
export const Snapshot = z.object({
  format: z.literal(2),
  tenantId: z.uuid(),
  tenantSlug: Slug,
  siteId: z.uuid(),
  siteSlug: Slug,
  /** only ever grows, per site */
  version: z.int().positive(),
  issuedAt: z.iso.datetime(),
  /** end of the lease */
  notAfter: z.iso.datetime(),
  contentHash: Sha256,
  content: SnapshotContent,
});
export type Snapshot = z.infer<typeof Snapshot>;

/** Asks one agent to look at one server before anything is approved. Signed like a snapshot, under its own payload type. */
export const DiscoveryOrder = z.object({
  format: z.literal(1),
  tenantId: z.uuid(),
  siteId: z.uuid(),
  agentId: z.uuid(),
  discoveryId: z.uuid(),
  nonce: z.string().min(16).max(64),
  issuedAt: z.iso.datetime(),
  /** 60 s after issue */
  notAfter: z.iso.datetime(),
  server: SnapshotServer,
});
export type DiscoveryOrder = z.infer<typeof DiscoveryOrder>;
