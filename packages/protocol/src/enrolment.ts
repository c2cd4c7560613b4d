import * as z from 'zod';

import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { EncodedSignature } from './envelope.ts';
import { TEXT_LIMITS } from './text-limits.ts';

/**
 * Enrolment is two plain HTTPS requests, before any websocket. First the agent shows only the hash of its token and is told the tenant's
 * root key; it compares that with the hash inside the token. Only then does the secret leave the machine.
 */
export const ENROL_ROOT_PATH = '/v1/enrol/root';
export const ENROL_PATH = '/v1/enrol';
/** Largest difference between the two clocks at enrolment, milliseconds. */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** 256 random bits, base64url. */
const Secret = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
/** A raw 32-byte Ed25519 public key in base64. */
export const EncodedPublicKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

/** What base64url-decodes out of the text after `agt_enroll_`. */
export const JoinTokenContent = z.strictObject({
  /** websocket base URL of the hub: wss://host[:port] (ws only on loopback) */
  hub: z.url({ protocol: /^wss?$/ }),
  /** SHA-256 hex of the tenant's raw 32-byte root public key */
  rootHash: Sha256,
  secret: Secret,
});
export type JoinTokenContent = z.infer<typeof JoinTokenContent>;

const PREFIX = 'agt_enroll_';

/** Text form of a join token, shown once in the console. */
export function encodeJoinToken(content: JoinTokenContent): string {
  return PREFIX + Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** Null when the text is not a join token. */
export function decodeJoinToken(text: string): JoinTokenContent | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith(PREFIX)) return null;
  try {
    const parsed = JoinTokenContent.safeParse(
      JSON.parse(Buffer.from(trimmed.slice(PREFIX.length), 'base64url').toString('utf8')),
    );
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export const EnrolRootRequest = z.strictObject({ tokenHash: Sha256 });
export type EnrolRootRequest = z.infer<typeof EnrolRootRequest>;
export const EnrolRootResponse = z.strictObject({
  tenantId: z.uuid(),
  rootKeyId: z.uuid(),
  rootPublicKey: EncodedPublicKey,
  serverTime: z.iso.datetime(),
});
export type EnrolRootResponse = z.infer<typeof EnrolRootResponse>;

export const EnrolRequest = z.strictObject({
  secret: Secret,
  publicKey: EncodedPublicKey,
  /** over toEnrolmentBytes: proves that the caller holds the private half */
  proof: EncodedSignature,
  hostname: z.string().max(TEXT_LIMITS.hostname),
  platform: z.string().max(TEXT_LIMITS.platform),
  agentVersion: z.string().max(TEXT_LIMITS.agentVersion),
  clock: z.iso.datetime(),
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;
export const EnrolResponse = z.strictObject({
  tenantId: z.uuid(),
  tenantSlug: z.string(),
  siteId: z.uuid(),
  siteSlug: z.string(),
  agentId: z.uuid(),
  agentName: z.string(),
});
export type EnrolResponse = z.infer<typeof EnrolResponse>;

/** token_invalid covers unknown, expired, used, revoked: a stranger learns nothing from the difference. The console tells the owner which. */
export const EnrolErrorCode = z.enum([
  'token_invalid',
  'clock_skew',
  'malformed',
  'rate_limited',
  'version_too_old',
  'unavailable',
]);
export type EnrolErrorCode = z.infer<typeof EnrolErrorCode>;
export const EnrolError = z.strictObject({ code: EnrolErrorCode, message: z.string().max(500) });
export type EnrolError = z.infer<typeof EnrolError>;

/** What `proof` signs. */
export function toEnrolmentBytes(part: { secret: string; publicKey: string }): Buffer {
  return Buffer.from(`gatehouse-enrol-v1:${part.secret}:${part.publicKey}`, 'utf8');
}
