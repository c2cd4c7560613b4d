import { createHash } from 'node:crypto';

import * as z from 'zod';

import { Sha256 } from './sha256.ts';

/**
 * What a revocation may be about. `tool`: of the server with this id, by its name there. `session`: what AI clients have open by the client key, or
 * by any key of the person, with this id.
 */
export const RevocationSubject = z.object({
  kind: z.enum(['key', 'session', 'agent', 'person', 'tool', 'server', 'profile', 'tenant', 'signing_key']),
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(128).optional(),
});
export type RevocationSubject = z.infer<typeof RevocationSubject>;

/**
 * One entry of a tenant's revocation log, as signed. `end`: for good. `before`: nothing that a person was given, or that was opened, until `at`
 * counts. `stop`: off until `until` or until a later `lift` names it in `of`. `until` of an `end` or a `before` takes nothing back: see `findPruneTime`.
 */
export const Revocation = z.object({
  format: z.literal(1),
  id: z.uuid(),
  tenantId: z.uuid(),
  at: z.iso.datetime(),
  act: z.enum(['end', 'before', 'stop', 'lift']),
  subject: RevocationSubject,
  until: z.iso.datetime().optional(),
  /** of a lift: the id of the stop that it ends */
  of: z.uuid().optional(),
});
export type Revocation = z.infer<typeof Revocation>;

/** A revocation as an agent reads it: acts and kinds of subjects that it does not know yet are kept and handed on, and change nothing. */
export const ReadableRevocation = Revocation.extend({
  act: z.string().min(1).max(32),
  subject: RevocationSubject.extend({ kind: z.string().min(1).max(32) }),
});
export type ReadableRevocation = z.infer<typeof ReadableRevocation>;

/**
 * From when on no log needs the entry, milliseconds since the epoch: whatever client key it ends, or ends the sessions of, has run out by itself then,
 * which every agent sees in the key. Infinity for all others, which stay: they end what never runs out, or say together with others what is on.
 */
export function findPruneTime({ act, subject: { kind }, until }: ReadableRevocation): number {
  const endsKeys = (act === 'end' && kind === 'key') || (act === 'before' && (kind === 'person' || kind === 'session'));
  return endsKeys && until !== undefined ? Date.parse(until) : Infinity;
}

/** What the log held at a time: how many entries, and one hash over all of them. Nobody without the signing key can make the log look newer. */
export const RevocationHead = z.object({
  format: z.literal(1),
  tenantId: z.uuid(),
  count: z.int().nonnegative(),
  root: Sha256,
  asOf: z.iso.datetime(),
  /** entries whose prune time is not later are not part of the log; absent: nothing was pruned */
  prunedUntil: z.iso.datetime().optional(),
});
export type RevocationHead = z.infer<typeof RevocationHead>;

/** Root of a log: SHA-256 over the sorted SHA-256s (lower-case hex) of its entries' signed bytes, so that the order of arrival is no part of it. */
export function computeLogRoot(sortedHashes: readonly string[]): string {
  return createHash('sha256').update(sortedHashes.join(''), 'hex').digest('hex');
}

/**
 * When the thing with this id was issued, milliseconds since the epoch: ids of client keys are UUIDs of version 7, which begin with their time.
 * Null for any other id: those are from the time before there was a revocation log.
 */
export function readIssueTime(id: string): number | null {
  const [, high = '', low = ''] = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-/i.exec(id) ?? [];
  return high === '' ? null : Number.parseInt(high + low, 16);
}
