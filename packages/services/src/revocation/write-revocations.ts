import { randomUUID } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';
import {
  computeLogRoot,
  findPruneTime,
  type ReadableRevocation,
  type Revocation,
  type RevocationHead,
} from '@gatehouse/policy/documents/revocation';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { openSigner, type Sign } from '../signing/sign.ts';
import { ENTRY_TYPE, hashPayload, HEAD_TYPE, toEnvelopeRow } from './envelope-row.ts';

/** What is to be revoked, stopped or lifted, by which act of the log; when, where it is not now. */
export type NewRevocation = Pick<Revocation, 'act' | 'subject' | 'until' | 'of'> & { auditId: string; at?: Date };

/** A signed entry, and what it says. */
export interface SignedEntry {
  envelope: SignedEnvelope;
  revocation: ReadableRevocation;
}

type ActedEntry = SignedEntry & { auditId: string };

/**
 * Inside the caller's mutation, after its act was written and before any configuration is: signs these entries, adds them to the tenant's log and
 * signs what the log holds now.
 */
export async function writeRevocations(m: Mutation, ctx: ServiceContext, revocations: readonly NewRevocation[]): Promise<void> {
  if (revocations.length === 0) return;
  const { tenantId } = ctx;
  // first: a rotation that is under way ends before the key is read
  await lockHead(m.tx, tenantId);
  const sign = await openSigner(ctx, m.tx);
  const entries = revocations.map(({ auditId, at = ctx.runtime.now(), ...rest }): ActedEntry => {
    const revocation: Revocation = { format: 1, id: randomUUID(), tenantId, at: at.toISOString(), ...rest };
    return { auditId, revocation, envelope: sign(ENTRY_TYPE, Buffer.from(JSON.stringify(revocation))) };
  });
  await addEntries(m, ctx, entries, sign);
}

/**
 * Adds signed entries that the log does not have, except those that no log needs any more; the order of the log is that in which its writers hold
 * the lock on its head.
 */
export async function addEntries(m: Mutation, ctx: ServiceContext, entries: readonly ActedEntry[], sign: Sign): Promise<void> {
  const { tenantId } = ctx;
  const { lastSeq, prunedUntil } = await lockHead(m.tx, tenantId);
  const needed = entries.filter(({ revocation }) => isNeeded(revocation, prunedUntil));
  const rows = needed.map(({ auditId, revocation, envelope }, index) => {
    const row = toEnvelopeRow(envelope);
    const { id, at, act, subject, of } = revocation;
    const { kind: subjectKind, id: subjectId, name: subjectName } = subject;
    const key = { tenantId, seq: lastSeq + 1 + index, hash: hashPayload(row.payload), pruneAt: toPruneDate(revocation) };
    return { ...key, ...row, act, subjectKind, subjectId, subjectName, at: new Date(at), entryId: id, ofEntryId: of, auditId };
  });
  await m.tx.revocation.createMany({ data: rows });
  await signHead(m, ctx, { lastSeq: lastSeq + rows.length, prunedUntil, sign });
}

/** False for what the log goes on without. */
export function isNeeded(revocation: ReadableRevocation, prunedUntil: Date | null): boolean {
  return prunedUntil === null || findPruneTime(revocation) > prunedUntil.getTime();
}

function toPruneDate(revocation: ReadableRevocation): Date | null {
  const time = findPruneTime(revocation);
  return Number.isFinite(time) ? new Date(time) : null;
}

/** Signs anew what the log holds, so that agents know that nothing is missing up to now. */
export async function renewHead(m: Mutation, ctx: ServiceContext): Promise<void> {
  const place = await lockHead(m.tx, ctx.tenantId);
  await signHead(m, ctx, { ...place, sign: await openSigner(ctx, m.tx) });
}

/** Where the log ends, and what it goes on without. */
export interface LogPlace {
  lastSeq: number;
  prunedUntil: Date | null;
}

/** One transaction at a time gets further than this. */
export async function lockHead(tx: TenantTx, tenantId: string): Promise<LogPlace> {
  await tx.$executeRaw`insert into revocation_head (tenant_id) values (${tenantId}::uuid) on conflict do nothing`;
  const [head] = await tx.$queryRaw<LogPlace[]>`
    select last_seq as "lastSeq", pruned_until as "prunedUntil" from revocation_head where tenant_id = ${tenantId}::uuid for update`;
  return head ?? { lastSeq: 0, prunedUntil: null };
}

/** As `computeLogRoot` of the documents: over the hashes in the order of their bytes. */
async function summarizeLog(tx: TenantTx, tenantId: string, prunedUntil: Date | null): Promise<{ count: number; root: string }> {
  const [row] = await tx.$queryRaw<{ count: number; root: string }[]>`
    select count(*)::int as count,
      encode(sha256(coalesce(string_agg(decode(hash, 'hex'), ''::bytea order by hash collate "C"), ''::bytea)), 'hex') as root
    from revocation
    where tenant_id = ${tenantId}::uuid and (prune_at is null or ${prunedUntil}::timestamptz is null or prune_at > ${prunedUntil})`;
  return row ?? { count: 0, root: computeLogRoot([]) };
}

/** Signs what the log holds now, and keeps its root so that whoever names it is known. */
export async function signHead(
  m: Mutation,
  { tenantId, runtime }: ServiceContext,
  { lastSeq, prunedUntil, sign }: LogPlace & { sign: Sign },
): Promise<void> {
  const asOf = runtime.now();
  const { count, root } = await summarizeLog(m.tx, tenantId, prunedUntil);
  const pruned = prunedUntil && { prunedUntil: prunedUntil.toISOString() };
  const head: RevocationHead = { format: 1, tenantId, count, root, asOf: asOf.toISOString(), ...pruned };
  const envelope = toEnvelopeRow(sign(HEAD_TYPE, Buffer.from(JSON.stringify(head))));
  await m.tx.revocationHead.update({ where: { tenantId }, data: { count, root, asOf, lastSeq, prunedUntil, ...envelope } });
  const known = { seq: lastSeq, signedAt: asOf };
  await m.tx.revocationRoot.upsert({
    where: { tenantId_root: { tenantId, root } },
    create: { tenantId, root, ...known },
    update: known,
  });
  m.signal('revocation', tenantId);
}
