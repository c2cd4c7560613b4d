import { Keyset, MAX_KEYSET_KEYS, type KeysetKey } from '@gatehouse/protocol/keyset';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { toEnvelopeRow } from '../revocation/envelope-row.ts';
import { openRootSigner } from '../signing/sign.ts';
import { KEYSET_TYPE } from './read-keyset.ts';

/** How long agents take what a keyset's keys have signed without hearing of a newer keyset. */
export const KEYSET_MS = 30 * 24 * 3_600_000;

/**
 * Inside the caller's mutation, which holds the lock: signs a keyset with the root and puts it in the place of the one before. Of keys that are
 * retired the oldest are left out when there are too many.
 */
export async function writeKeyset(
  m: Mutation,
  ctx: ServiceContext,
  { version, keys }: { version: number; keys: readonly KeysetKey[] },
): Promise<void> {
  const { tenantId, runtime } = ctx;
  const kept = keys.toSorted((a, b) => getEnd(a) - getEnd(b)).slice(-MAX_KEYSET_KEYS);
  // by its own time no key may sign again that was retired on a machine whose clock is ahead
  const times = kept.flatMap(({ validFrom, validUntil }) => [
    Date.parse(validFrom),
    validUntil === null ? 0 : Date.parse(validUntil),
  ]);
  const issuedAt = Math.max(runtime.now().getTime(), ...times);
  const notAfter = new Date(issuedAt + KEYSET_MS);
  const keyset: Keyset = {
    format: 1,
    tenantId,
    version,
    issuedAt: new Date(issuedAt).toISOString(),
    notAfter: notAfter.toISOString(),
    keys: kept,
  };
  const sign = await openRootSigner(ctx, m.tx);
  const row = { version, notAfter, ...toEnvelopeRow(sign(KEYSET_TYPE, Buffer.from(JSON.stringify(Keyset.parse(keyset))))) };
  await m.tx.keyset.upsert({ where: { tenantId }, create: { tenantId, ...row }, update: row });
}

function getEnd({ validUntil }: KeysetKey): number {
  return validUntil === null ? Infinity : Date.parse(validUntil);
}
