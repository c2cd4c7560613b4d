import * as z from 'zod';

import { CheckResult, Outcome, ReasonCode } from '@gatehouse/policy/decision';
import { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { Risk } from '@gatehouse/policy/documents/definition';
import { Sha256 } from '@gatehouse/policy/documents/sha256';
import { Fingerprint, RecordedArguments, RecordedResult } from '@gatehouse/redaction/recorded';

/** The requests that are calls. Others move no content of the customer: they leave a receipt only when they are refused before they are read. */
export const CallMethod = z.enum(['tools/call', 'prompts/get', 'resources/read']);
export type CallMethod = z.infer<typeof CallMethod>;

/** The requests of clients in every revision of MCP. No other word can stand in a receipt, whatever a client sends. */
export const RecordedMethod = z.enum([
  ...CallMethod.options,
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/subscribe',
  'resources/unsubscribe',
  'completion/complete',
  'logging/setLevel',
  'subscriptions/listen',
]);
export type RecordedMethod = z.infer<typeof RecordedMethod>;

/** What every format of a receipt says: who, through which profile, what shape went in and came out, which checks were made, how it ended. */
const Common = {
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
  /** the name that the client used */
  advertisedName: z.string().max(2_048).nullable(),
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
};

/** What can be called; instructions cannot. */
export const RecordedKind = EntryKind.exclude(['instructions']);
export type RecordedKind = z.infer<typeof RecordedKind>;

/** The audit record of one call. A closed object: a field that is not here cannot leave the site. */
export const Receipt = z.strictObject({
  format: z.literal(2),
  ...Common,
  /** null: the request was refused before its method could be read */
  method: RecordedMethod.nullable(),
  /** of the entry that was called; null when the profile has no such entry */
  kind: RecordedKind.nullable(),
  /** the entry's name: for a resource its address or, for one read through a template, the template */
  name: z.string().max(2_048).nullable(),
  /** instead of the name when the profile has no such entry */
  nameFingerprint: Fingerprint.nullable(),
});
export type Receipt = z.infer<typeof Receipt>;

/** The format before entries had a kind. Receipts are chained by their hashes, so one that was written stays as it is. */
const EarlierReceipt = z.strictObject({
  format: z.literal(1),
  ...Common,
  method: CallMethod,
  toolName: z.string().max(2_048).nullable(),
  toolFingerprint: Fingerprint.nullable(),
});

/** A receipt as it was written: what a spool holds, a batch carries, and a hash is taken of. */
export const WrittenReceipt = z.discriminatedUnion('format', [Receipt, EarlierReceipt]);
export type WrittenReceipt = z.infer<typeof WrittenReceipt>;

/** What a receipt says, in the present form. Its hash is that of the form it was written in. */
export function readReceipt(receipt: WrittenReceipt): Receipt {
  if (receipt.format === 2) return receipt;
  const { toolName, toolFingerprint, ...common } = receipt;
  const kind = toolName === null ? null : getRecordedKind(receipt.method, toolName);
  return { ...common, format: 2, kind, name: toolName, nameFingerprint: toolFingerprint };
}

/** The kind of what an earlier record names: only a template has braces, because no address may hold one. */
export function getRecordedKind(method: CallMethod, name: string): RecordedKind {
  switch (method) {
    case 'tools/call':
      return 'tool';
    case 'prompts/get':
      return 'prompt';
    case 'resources/read':
      return name.includes('{') ? 'template' : 'resource';
  }
}

/** Before the first receipt of a spool. */
export const GENESIS_HASH = '0'.repeat(64);
