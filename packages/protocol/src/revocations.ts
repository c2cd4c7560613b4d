import * as z from 'zod';

import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { SmallEnvelope } from './envelope.ts';

/** Entries of the revocation log in one message. */
export const MAX_REVOCATIONS = 500;

/** Entries that the agent may lack, and the newest head of the log. */
export const RevocationsPush = z.strictObject({
  type: z.literal('revocations'),
  entries: z.array(SmallEnvelope).max(MAX_REVOCATIONS),
  head: SmallEnvelope,
});
export type RevocationsPush = z.infer<typeof RevocationsPush>;

/** What the agent's log holds: sent after the welcome, and in answer to every `revocations`. */
export const RevocationsStatus = z.strictObject({
  type: z.literal('revocations-status'),
  count: z.int().nonnegative(),
  root: Sha256,
});
export type RevocationsStatus = z.infer<typeof RevocationsStatus>;

/** Entries of a log that holds more than the hub's head covers, as after the control plane was restored. */
export const RevocationsBack = z.strictObject({
  type: z.literal('revocations-back'),
  entries: z.array(SmallEnvelope).min(1).max(MAX_REVOCATIONS),
});
export type RevocationsBack = z.infer<typeof RevocationsBack>;
