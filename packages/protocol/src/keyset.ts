import * as z from 'zod';

import { EncodedPublicKey } from './enrolment.ts';
import { SmallEnvelope } from './envelope.ts';

/** Keys of one keyset. A signed one fits into a small envelope. */
export const MAX_KEYSET_KEYS = 32;

/** A key that signs for a tenant, or did. */
export const KeysetKey = z.object({
  keyId: z.uuid(),
  publicKey: EncodedPublicKey,
  validFrom: z.iso.datetime(),
  /** from then on nothing that it signs counts; null while it signs */
  validUntil: z.iso.datetime().nullable(),
});
export type KeysetKey = z.infer<typeof KeysetKey>;

/** Whose signatures count for a tenant. The root, which agents pin at enrolment, signs it and need sign nothing else. */
export const Keyset = z.object({
  format: z.literal(1),
  tenantId: z.uuid(),
  /** only ever grows, per tenant */
  version: z.int().positive(),
  issuedAt: z.iso.datetime(),
  /** afterwards nothing that arrives counts until a newer keyset has come, so that withholding one gains nobody much time */
  notAfter: z.iso.datetime(),
  keys: z.array(KeysetKey).min(1).max(MAX_KEYSET_KEYS),
});
export type Keyset = z.infer<typeof Keyset>;

/** Whether a key of this keyset may sign. The keyset's own time decides, so that an agent whose clock is wrong retires no key late. */
export function isSigningKey({ issuedAt }: Keyset, { validFrom, validUntil }: KeysetKey): boolean {
  const at = Date.parse(issuedAt);
  return Date.parse(validFrom) <= at && (validUntil === null || at < Date.parse(validUntil));
}

/** The newest keyset of the agent's tenant. */
export const KeysetPush = z.strictObject({ type: z.literal('keyset'), keyset: SmallEnvelope });
export type KeysetPush = z.infer<typeof KeysetPush>;

/** The keyset that the agent holds, null before the first: sent after the welcome, and in answer to every `keyset`. */
export const KeysetStatus = z.strictObject({ type: z.literal('keyset-status'), keyset: SmallEnvelope.nullable() });
export type KeysetStatus = z.infer<typeof KeysetStatus>;
