import type { TenantTx } from '@gatehouse/db/tenant';

import { createActId } from '../audit/act-id.ts';
import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { listPublicKeys } from '../keyset/read-keyset.ts';
import { findSigningKeyId } from '../signing/keys.ts';
import { openSigner } from '../signing/sign.ts';
import { toEnvelope } from '../snapshot/envelopes.ts';
import { ENTRY_TYPE, hashPayload } from './envelope-row.ts';
import { openEntry } from './open-entry.ts';
import { buildOpenStopsQuery } from './open-stops.ts';
import { addEntries, isNeeded, lockHead, type SignedEntry } from './write-revocations.ts';

/** Entries that one transaction takes over. */
const BATCH = 500;

/**
 * System job: takes into the log what agents handed back and the tenant's own key once signed, as after this database was restored to before it, and
 * does to keys, agents, servers, profiles, members and the workspace what it says. The rest is dropped. Returns how many entries were taken over.
 */
export async function takeOverRevocations({ ctx }: { ctx: ServiceContext }): Promise<number> {
  authorize(ctx, 'revocation.keep');
  const { tenantId } = ctx;
  for (let total = 0; ;) {
    const { seen, taken } = await mutate(ctx, async (m) => {
      const { prunedUntil } = await lockHead(m.tx, tenantId);
      const { waiting, signed } = await takeWaiting(m.tx, tenantId, prunedUntil);
      if (signed.length === 0) {
        m.reportUnchanged();
        return { seen: waiting, taken: 0 };
      }
      const id = createActId();
      const after = { count: signed.length };
      await m.audit({ id, action: 'revocation.take_over', entityType: 'tenant', entityId: tenantId, after });
      const sign = await openSigner(ctx, m.tx);
      // agents take what the key signs that signs now; the entry is its bytes, and stays the same
      const entries = signed.map(({ envelope: { payload }, revocation }) => {
        return { revocation, envelope: sign(ENTRY_TYPE, Buffer.from(payload, 'base64')), auditId: id };
      });
      await addEntries(m, ctx, entries, sign);
      await applyLog(m, tenantId);
      return { seen: waiting, taken: entries.length };
    });
    total += taken;
    if (seen < BATCH) return total;
  }
}

/** Some of what was handed over, of which nothing is left there: how much it was, and what of it belongs into the log. */
async function takeWaiting(
  tx: TenantTx,
  tenantId: string,
  prunedUntil: Date | null,
): Promise<{ waiting: number; signed: SignedEntry[] }> {
  const rows = await tx.revocationHandover.findMany({ where: { tenantId }, take: BATCH, orderBy: { hash: 'asc' } });
  const where = { tenantId, hash: { in: rows.map(({ hash }) => hash) } };
  await tx.revocationHandover.deleteMany({ where });
  const byHash = new Map(rows.map((row) => [hashPayload(row.payload), row]));
  const known = await tx.revocation.findMany({ where: { tenantId, hash: { in: [...byHash.keys()] } }, select: { hash: true } });
  for (const { hash } of known) byHash.delete(hash);
  const trust = { tenantId, keys: await listPublicKeys(tx, tenantId), signingKeyId: await findSigningKeyId(tx, tenantId) };
  const signed = [...byHash.values()].flatMap((row) => openEntry(toEnvelope(ENTRY_TYPE, row), trust) ?? []);
  return { waiting: rows.length, signed: signed.filter(({ revocation }) => isNeeded(revocation, prunedUntil)) };
}

/** Rows say what the log says: everything that is read or signed from them then knows of it. */
async function applyLog({ tx, signal }: Mutation, tenantId: string): Promise<void> {
  await tx.$executeRaw`
    update client_key k set revoked_at = r.at from revocation r
    where k.tenant_id = ${tenantId}::uuid and r.tenant_id = k.tenant_id and k.revoked_at is null and (
      (r.act = 'end' and r.subject_kind = 'key' and r.subject_id = k.id::text)
      or (r.act = 'before' and r.subject_kind = 'person' and r.subject_id = k.membership_id::text and k.created_at <= r.at))`;
  await tx.$executeRaw`
    update agent a set revoked_at = r.at from revocation r
    where a.tenant_id = ${tenantId}::uuid and r.tenant_id = a.tenant_id and a.revoked_at is null
      and r.act = 'end' and r.subject_kind = 'agent' and r.subject_id = a.id::text`;
  await tx.$executeRaw`
    update server set disabled_at = stop.at from (${buildOpenStopsQuery(tenantId)}) stop
    where tenant_id = ${tenantId}::uuid and disabled_at is null and stop.subject_kind = 'server' and stop.subject_id = id::text`;
  await tx.$executeRaw`
    update profile set disabled_at = stop.at from (${buildOpenStopsQuery(tenantId)}) stop
    where tenant_id = ${tenantId}::uuid and disabled_at is null and stop.subject_kind = 'profile' and stop.subject_id = id::text`;
  // only the removal of a member says of a person that nothing counts any more
  const removed = await tx.$queryRaw<{ id: string }[]>`
    update membership m set ended_at = r.at, signed_out_at = r.at from revocation r
    where m.tenant_id = ${tenantId}::uuid and r.tenant_id = m.tenant_id and m.ended_at is null
      and r.act = 'before' and r.subject_kind = 'person' and r.subject_id = m.id::text
    returning m.id::text as id`;
  for (const { id } of removed) signal('member', id);
  // whether the operator had suspended it or an owner had asked for its end is not in the log: the operator can take back the one and the owner ask anew for the other
  const stopped = await tx.$executeRaw`
    update tenant set suspended_at = stop.at from (${buildOpenStopsQuery(tenantId)}) stop
    where tenant.id = ${tenantId}::uuid and suspended_at is null and delete_after is null and stop.subject_kind = 'tenant'`;
  if (stopped > 0) signal('tenant', tenantId);
}
