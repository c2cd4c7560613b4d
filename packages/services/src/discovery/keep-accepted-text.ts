import type { TenantTx } from '@gatehouse/db/tenant';
import { type CatalogueEntry, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { PinnedEntry } from '@gatehouse/policy/documents/pinned-entry';
import { listProseChanges } from '@gatehouse/policy/documents/prose';

import { isMarkedAlike } from '../snapshot/alike-texts.ts';
import { type Decision, listOfferedEntries, listOfferedPins, type ServerNow, toPinnedKey } from '../snapshot/offered-entries.ts';

/**
 * Finds, for an approved text, the one that the site has already, where that is approved as well, and they differ in words alone: a server that alternates between texts
 * changes nothing, and agents take any of them. Undefined: it is another text, and counts from now on.
 */
export async function loadAccepted(
  tx: TenantTx,
  { siteId, ...server }: ServerNow & { siteId: string | undefined },
  approved: readonly (CatalogueEntry & { decision: Decision })[],
): Promise<(entry: CatalogueEntry) => CatalogueEntry | undefined> {
  // without a site nothing is seen by turns: what somebody imported or asked for last counts
  if (siteId === undefined) return () => undefined;
  const where = { tenantId: server.tenantId, siteId, serverIds: [server.serverId] };
  const offered = Map.groupBy(await listOfferedPins(tx, where), toEntryKey);
  const isOther = ({ pin, ...entry }: CatalogueEntry) => {
    const there = offered.get(toEntryKey(entry)) ?? [];
    return there.length > 0 && there.every((text) => text.pin !== pin);
  };
  const others = approved.filter(isOther);
  if (others.length === 0) return () => undefined;
  const names = others.map(({ name }) => name);
  const texts = (await listOfferedEntries(tx, { ...where, now: server.now, names })).filter(
    ({ verdict }) => verdict === 'approved',
  );
  const byName = Map.groupBy(texts, toEntryKey);
  const accepted = new Map(
    others.flatMap(({ decision, ...entry }) => {
      const alike = byName
        .get(toEntryKey(entry))
        ?.filter((text) => isMarkedAlike(text, decision))
        .flatMap((text) => PinnedEntry.safeParse(text).data ?? [])
        .find(({ definition }) => listProseChanges(entry.kind, definition, entry.definition) !== null);
      return alike ? [[toPinnedKey({ serverId: server.serverId, ...entry }), alike] as const] : [];
    }),
  );
  return (entry) => accepted.get(toPinnedKey({ serverId: server.serverId, ...entry }));
}
