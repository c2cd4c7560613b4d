import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { type CatalogueEntry, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { PinnedEntry } from '@gatehouse/policy/documents/pinned-entry';
import { listProseChanges } from '@gatehouse/policy/documents/prose';

/** Other revisions that are looked at: enough to see whether a server words something anew, and no history. */
const LOOKS = 2;

/**
 * By `toEntryKey`, what the server offered under the names of this revision in its latest others, where it was another definition. What cannot be
 * read is left out.
 */
export async function listOtherTexts(
  tx: TenantTx,
  { tenantId, serverId, revisionId }: { tenantId: string; serverId: string; revisionId: string },
): Promise<ReadonlyMap<string, readonly CatalogueEntry[]>> {
  const rows = await tx.$queryRaw<unknown[]>(Prisma.sql`
    select distinct on (other.kind, other.pin) other.kind, other.name, other.pin, other.definition
    from (
      select id from server_revision
      where tenant_id = ${tenantId}::uuid and server_id = ${serverId}::uuid and id <> ${revisionId}::uuid
      order by number desc limit ${LOOKS}
    ) look
    join revision_entry other on other.tenant_id = ${tenantId}::uuid and other.revision_id = look.id
    join revision_entry e on e.tenant_id = other.tenant_id and e.revision_id = ${revisionId}::uuid
      and e.kind = other.kind and e.name = other.name and e.pin <> other.pin`);
  return Map.groupBy(
    rows.flatMap((row) => PinnedEntry.safeParse(row).data ?? []),
    toEntryKey,
  );
}

/** Places of the texts in which an entry differed between looks, and was otherwise the same each time. */
export function listReworded(entry: CatalogueEntry, others: readonly CatalogueEntry[] = []): string[] {
  const changes = others.map((other) => listProseChanges(entry.kind, other.definition, entry.definition));
  return [...new Set(changes.flatMap((places) => places ?? []))].toSorted();
}
