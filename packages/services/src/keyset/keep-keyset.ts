import type { TenantTx } from '@gatehouse/db/tenant';
import type { KeysetKey } from '@gatehouse/protocol/keyset';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { findRootKey, findSigningKeyId } from '../signing/keys.ts';
import { listSigningKeyIds, lockKeyset } from './read-keyset.ts';
import { KEYSET_MS, writeKeyset } from './write-keyset.ts';

/** System job: signs the first keyset of a tenant, and the same again once half of its time is over. */
export async function keepKeyset({ ctx }: { ctx: ServiceContext }): Promise<{ written: number | null }> {
  authorize(ctx, 'keyset.keep');
  const written = await mutate(ctx, (m) => writeIfDue(m, ctx), { audited: false });
  return { written };
}

/**
 * Names nobody who is not named already: a key gets into a keyset by the act of a person only. Where another key signs than the keyset says,
 * this database is of before the keyset or has been tampered with, and a person has to rotate.
 */
async function writeIfDue(m: Mutation, ctx: ServiceContext): Promise<number | null> {
  const { tenantId, runtime } = ctx;
  const held = await lockKeyset(m.tx, tenantId);
  if (held && Date.parse(held.keyset.notAfter) - runtime.now().getTime() > KEYSET_MS / 2) return null;
  const keyId = await findSigningKeyId(m.tx, tenantId);
  const keys = held ? held.keyset.keys : [await describeRoot(m.tx, tenantId)];
  const named = held ? listSigningKeyIds(held) : keys.map((key) => key.keyId);
  if (!named.includes(keyId)) {
    runtime.log.error({ tenantId, keyId }, 'the key that signs is not in the keyset; rotate the signing key in the console');
    return null;
  }
  const version = (held?.keyset.version ?? 0) + 1;
  await writeKeyset(m, ctx, { version, keys });
  return version;
}

/** The root as a key that signs: what it is until the first rotation. */
export async function describeRoot(tx: TenantTx, tenantId: string): Promise<KeysetKey> {
  const { keyId, publicKey, createdAt } = await findRootKey(tx, tenantId);
  return { keyId, publicKey: publicKey.toString('base64'), validFrom: createdAt.toISOString(), validUntil: null };
}
