import * as z from 'zod';

import { MAX_PART_BYTES, PartHash } from '@gatehouse/policy/documents/manifest';

import { Base64, SignedEnvelope } from './envelope.ts';
import { Nonce } from './nonce.ts';
import { TEXT_LIMITS } from './text-limits.ts';

/** Hashes in one request. */
export const MAX_REQUESTED_PARTS = 256;
/** Raw bytes of a part in one message. */
export const PART_CHUNK_BYTES = 1024 * 1024;

const MAX_CHUNKS = MAX_PART_BYTES / PART_CHUNK_BYTES;
/** base64 of a chunk */
const MAX_CHUNK_TEXT = Math.ceil(PART_CHUNK_BYTES / 3) * 4;

/** The newest manifest of the agent's site. The agent asks for the parts that it does not have. */
export const ManifestPush = z.strictObject({
  type: z.literal('manifest-push'),
  nonce: Nonce,
  version: z.int().positive(),
  manifest: SignedEnvelope,
});
export type ManifestPush = z.infer<typeof ManifestPush>;

/** Asks for parts that the manifest of the push reaches. */
export const PartRequest = z.strictObject({
  type: z.literal('part-request'),
  /** of the push */
  nonce: Nonce,
  hashes: z.array(PartHash).min(1).max(MAX_REQUESTED_PARTS),
});
export type PartRequest = z.infer<typeof PartRequest>;

/** A piece of a part; the pieces of a part come in order, one part after the other. */
export const Part = z.strictObject({
  type: z.literal('part'),
  /** of the push */
  nonce: Nonce,
  hash: PartHash,
  /** of this piece, from 0 */
  index: z
    .int()
    .nonnegative()
    .max(MAX_CHUNKS - 1),
  /** how many pieces there are */
  of: z.int().positive().max(MAX_CHUNKS),
  /** base64 of the raw bytes */
  data: Base64.max(MAX_CHUNK_TEXT),
});
export type Part = z.infer<typeof Part>;

/** What the agent leaves out of a configuration that it has applied, and why. */
export const Withheld = z.strictObject({
  kind: z.enum(['server', 'profile']),
  id: z.uuid(),
  code: z.enum(['guardrail', 'credential', 'sandbox', 'invalid']),
  message: z.string().max(TEXT_LIMITS.reason),
});
export type Withheld = z.infer<typeof Withheld>;
