import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { type CatalogueEntry, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { PinnedEntry } from '@gatehouse/policy/documents/pinned-entry';
import { getSteadyPin, hasPassingFields } from '@gatehouse/policy/documents/steady-pin';

import { getStandingDecisions, toPinnedKey } from '../snapshot/offered-entries.ts';

/**
 * An approval ignores what a resource says of its content as it is just now. So one that differs from a known one in nothing else is that: it keeps
 * its pin, and with it the decision that stands on it. Of several the one that was decided on, else the newest.
 */
export async function keepKnownTexts(
  tx: TenantTx,
  { tenantId, now, serverId }: { tenantId: string; now: Date; serverId: string },
  entries: readonly CatalogueEntry[],
): Promise<CatalogueEntry[]> {
  const passing = entries.filter(({ kind }) => hasPassingFields(kind));
  if (passing.length === 0) return [...entries];
  const known = await listKnown(
    tx,
    { tenantId, serverId },
    passing.map(({ name }) => name),
  );
  const pins = [...known, ...passing].map(({ pin }) => pin);
  const standing = await getStandingDecisions(tx, { tenantId, now, serverId, pins });
  const isDecided = (entry: CatalogueEntry) => standing.has(toPinnedKey({ serverId, ...entry }));
  const byName = Map.groupBy(known, toEntryKey);
  return entries.map((entry) => {
    if (!hasPassingFields(entry.kind) || isDecided(entry)) return entry;
    const same = (byName.get(toEntryKey(entry)) ?? []).filter((other) => getSteadyPin(other) === getSteadyPin(entry));
    return same.find(isDecided) ?? same[0] ?? entry;
  });
}

/** Resources and templates of these names that were ever found, the newest first. What cannot be read is none. */
async function listKnown(
  tx: TenantTx,
  { tenantId, serverId }: { tenantId: string; serverId: string },
  names: readonly string[],
): Promise<CatalogueEntry[]> {
  const rows = await tx.$queryRaw<unknown[]>(Prisma.sql`
    select kind, name, pin, definition from (
      select distinct on (e.kind, e.pin) e.kind, e.name, e.pin, e.definition, r.number
      from server_revision r
      join revision_entry e on e.tenant_id = r.tenant_id and e.revision_id = r.id
      where r.tenant_id = ${tenantId}::uuid and r.server_id = ${serverId}::uuid
        and e.kind in ('resource', 'template') and e.name = any(${names}::text[])
      order by e.kind, e.pin, r.number desc
    ) known order by number desc`);
  return rows.flatMap((row) => PinnedEntry.safeParse(row).data ?? []);
}
