import { randomUUID } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';
import type { ReadableRevocation, Revocation, RevocationHead } from '@gatehouse/policy/documents/revocation';
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

/** Adds signed entries that the log does not have; the order of the log is that in which its writers hold the lock on its head. */
export async function addEntries(m: Mutation, ctx: ServiceContext, entries: readonly ActedEntry[], sign: Sign): Promise<void> {
  const { tenantId } = ctx;
  const count = await lockHead(m.tx, tenantId);
  const rows = entries.map(({ auditId, revocation: { id, at, act, subject, of }, envelope }, index) => {
    const row = toEnvelopeRow(envelope);
    const { kind: subjectKind, id: subjectId, name: subjectName } = subject;
    const key = { tenantId, seq: count + 1 + index, hash: hashPayload(row.payload) };
    return { ...key, ...row, act, subjectKind, subjectId, subjectName, at: new Date(at), entryId: id, ofEntryId: of, auditId };
  });
  const root = await computeRoot(
    m.tx,
    tenantId,
    rows.map(({ hash }) => hash),
  );
  await m.tx.revocation.createMany({ data: rows.map((row, index) => (index === rows.length - 1 ? { ...row, root } : row)) });
  await signHead(m, ctx, { count: count + rows.length, root, sign });
}

/** Signs anew what the log holds, so that agents know that nothing is missing up to now. */
export async function renewHead(m: Mutation, ctx: ServiceContext): Promise<void> {
  const count = await lockHead(m.tx, ctx.tenantId);
  const root = await computeRoot(m.tx, ctx.tenantId, []);
  await signHead(m, ctx, { count, root, sign: await openSigner(ctx, m.tx) });
}

/** How many entries there are. One transaction at a time gets further than this. */
export async function lockHead(tx: TenantTx, tenantId: string): Promise<number> {
  await tx.$executeRaw`insert into revocation_head (tenant_id) values (${tenantId}::uuid) on conflict do nothing`;
  const [head] = await tx.$queryRaw<{ count: number }[]>`
    select count from revocation_head where tenant_id = ${tenantId}::uuid for update`;
  return head?.count ?? 0;
}

/** As `computeLogRoot` of the documents: over the hashes in the order of their bytes. */
async function computeRoot(tx: TenantTx, tenantId: string, added: readonly string[]): Promise<string> {
  const [row] = await tx.$queryRaw<{ root: string }[]>`
    select encode(sha256(coalesce(string_agg(decode(hash, 'hex'), ''::bytea order by hash collate "C"), ''::bytea)), 'hex') as root
    from (select hash from revocation where tenant_id = ${tenantId}::uuid union all select unnest(${added}::text[])) entries`;
  return row?.root ?? '';
}

async function signHead(
  m: Mutation,
  { tenantId, runtime }: ServiceContext,
  { count, root, sign }: { count: number; root: string; sign: Sign },
): Promise<void> {
  const asOf = runtime.now();
  const head: RevocationHead = { format: 1, tenantId, count, root, asOf: asOf.toISOString() };
  const data = { count, root, asOf, ...toEnvelopeRow(sign(HEAD_TYPE, Buffer.from(JSON.stringify(head)))) };
  await m.tx.revocationHead.update({ where: { tenantId }, data });
  m.signal('revocation', tenantId);
}
