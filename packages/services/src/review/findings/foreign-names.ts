import type { TenantTx } from '@gatehouse/db/tenant';
import { foldName } from '@gatehouse/policy/compile/name-collisions';
import { type EntryRef, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { type ForeignName, keepForeign, listNamesInTexts } from '@gatehouse/policy/findings/foreign-names';

import type { LoadedReview } from '../require-review.ts';

/** By `toEntryKey`, where the entries of a review name a tool that another server of the workspace was found to have. `known`: what was decided on here before. */
export async function findForeignNames(
  tx: TenantTx,
  { tenantId, serverId, revision: { entries } }: LoadedReview,
  known: readonly EntryRef[],
): Promise<ReadonlyMap<string, ForeignName[]>> {
  const inTexts = entries.map((entry) => [toEntryKey(entry), listNamesInTexts(entry.definition)] as const);
  const asked = new Set(inTexts.flatMap(([, names]) => names.map(({ name }) => foldName(name))));
  const own = new Set([...entries, ...known].map(({ name }) => foldName(name)));
  const wanted = [...asked].filter((name) => !own.has(name));
  if (wanted.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select distinct d.name from entry_decision d
    join server s on s.tenant_id = d.tenant_id and s.id = d.server_id and s.archived_at is null
    where d.tenant_id = ${tenantId}::uuid and d.kind = 'tool' and d.server_id <> ${serverId}::uuid
      and lower(translate(d.name, '-.', '__')) = any(${wanted}::text[])`;
  const foreign = new Set(rows.map(({ name }) => foldName(name)));
  return new Map(inTexts.map(([key, names]) => [key, keepForeign(names, { own, foreign })]));
}
