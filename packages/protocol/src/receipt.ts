import * as z from 'zod';

import { CheckResult, Outcome, ReasonCode } from '@gatehouse/policy/decision';
import { Risk } from '@gatehouse/policy/documents/definition';
import { Fingerprint, RecordedArguments, RecordedResult } from '@gatehouse/redaction/recorded';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What was called. Lists, completions and subscriptions move no content of the customer, so they leave no receipt. */
export const RecordedMethod = z.enum(['tools/call', 'prompts/get', 'resources/read']);
export type RecordedMethod = z.infer<typeof RecordedMethod>;

/**
 * The audit record of one call: who, through which profile, which tool, what shape went in and came out, which checks were made, how it
 * ended. A closed object: a field that is not here cannot leave the site.
 */
export const Receipt = z.strictObject({
  format: z.literal(1),
  id: z.uuid(),
  spoolId: z.uuid(),
  seq: z.int().positive(),
  /** agent's clock */
  eventAt: z.iso.datetime(),
  siteId: z.uuid(),
  configVersion: z.int().nonnegative(),
  /** id of the site key that made the fingerprints */
  siteKeyId: z.string().max(64),

  personId: z.uuid().nullable(),
  keyId: z.uuid().nullable(),
  sessionId: z.string().max(64).nullable(),
  clientName: z.string().max(120).nullable(),
  clientVersion: z.string().max(60).nullable(),
  protocolVersion: z.string().max(20).nullable(),

  profileId: z.uuid().nullable(),
  profileVersion: z.int().positive().nullable(),
  serverId: z.uuid().nullable(),
  method: RecordedMethod,
  /** the server's name of the tool or prompt; for a resource its address or, for one read through a template, the template */
  toolName: z.string().max(2_048).nullable(),
  advertisedName: z.string().max(2_048).nullable(),
  /** instead of the name when the profile has no such tool, prompt or resource */
  toolFingerprint: Fingerprint.nullable(),
  pin: Sha256.nullable(),
  risk: Risk.nullable(),
  /** the name of the reference that was used (`env:ORDERS_TOKEN`), never a value */
  credential: z.string().max(600).nullable(),

  outcome: Outcome,
  reasonCode: ReasonCode,
  checks: z.array(CheckResult).max(16),
  arguments: RecordedArguments.nullable(),
  result: RecordedResult.nullable(),
  durationMs: z.number().nonnegative(),
  upstreamMs: z.number().nonnegative().nullable(),
  /** receipts of best-effort reads that were lost before this one, since the last receipt */
  lostBefore: z.int().nonnegative(),

  /** hash of the previous receipt of this spool; 64 zeros for the first */
  prevHash: Sha256,
  /** SHA-256 over the canonical JSON of this object without `hash` */
  hash: Sha256,
});
export type Receipt = z.infer<typeof Receipt>;

/** Before the first receipt of a spool. */
export const GENESIS_HASH = '0'.repeat(64);
