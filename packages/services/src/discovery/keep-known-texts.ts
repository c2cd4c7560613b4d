import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { type CatalogueEntry, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { PinnedEntry } from '@gatehouse/policy/documents/pinned-entry';
import { computeSteadyPin, getRoundedPin, getSteadyPin, isComparedInPart } from '@gatehouse/policy/documents/steady-pin';
import { hasNotedDigits } from '@gatehouse/policy/schema/noted-digits';

import { getStandingDecisions, listIgnoringApprovals, type ServerNow, toPinnedKey } from '../snapshot/offered-entries.ts';
import { loadAccepted } from './keep-accepted-text.ts';

export interface KnownTexts {
  entries: CatalogueEntry[];
  /** of approved texts that were found, and in whose place stands the one that the site has */
  otherPins: string[];
}

/**
 * An approval ignores what a resource says of its content as it is just now, the order of sets in the schemas of a tool, and the texts that its reviewer named. So what differs from a known one in
 * nothing else is that: it keeps its pin, and with it the decision that stands on it. What was decided on by itself stays what it is, but where the site has another
 * approved text of the same.
 */
export async function keepKnownTexts(
  tx: TenantTx,
  server: ServerNow & { siteId: string | undefined },
  entries: readonly CatalogueEntry[],
): Promise<KnownTexts> {
  const isDecided = isKeyOf(server, await getStandingDecisions(tx, { ...server, pins: entries.map(({ pin }) => pin) }));
  const findAlike = await loadAlike(
    tx,
    server,
    entries.filter((entry) => !isDecided(entry)),
  );
  const known = entries.map((entry) => (isDecided(entry) ? entry : (findAlike(entry) ?? entry)));
  const standing = await getStandingDecisions(tx, { ...server, pins: known.map(({ pin }) => pin) });
  const isStanding = isKeyOf(server, standing);
  const findWorded = await loadWorded(
    tx,
    server,
    known.filter((entry) => !isStanding(entry)),
  );
  const approved = known.flatMap((entry) => {
    const decision = standing.get(toPinnedKey({ serverId: server.serverId, ...entry }));
    return decision?.verdict === 'approved' ? [{ ...entry, decision }] : [];
  });
  const findAccepted = await loadAccepted(tx, server, approved);
  const kept = known.map((entry) => (isStanding(entry) ? findAccepted(entry) : findWorded(entry)) ?? entry);
  const otherPins = known.filter((entry, index) => isStanding(entry) && kept[index]?.pin !== entry.pin).map(({ pin }) => pin);
  return { entries: kept, otherPins };
}

function isKeyOf({ serverId }: ServerNow, decisions: ReadonlyMap<string, unknown>): (entry: CatalogueEntry) => boolean {
  return (entry) => decisions.has(toPinnedKey({ serverId, ...entry }));
}

type FindKnown = (entry: CatalogueEntry) => CatalogueEntry | undefined;

/** Of several alike the one that was decided on, else the newest. */
async function loadAlike(tx: TenantTx, server: ServerNow, entries: readonly CatalogueEntry[]): Promise<FindKnown> {
  const inPart = entries.filter(({ kind }) => isComparedInPart(kind));
  if (inPart.length === 0) return () => undefined;
  const names = inPart.map(({ name }) => name);
  const known = await listKnown(tx, server, names);
  const standing = await getStandingDecisions(tx, { ...server, pins: known.map(({ pin }) => pin) });
  const byName = Map.groupBy(known, toEntryKey);
  const findDecision = (entry: CatalogueEntry) => standing.get(toPinnedKey({ serverId: server.serverId, ...entry }));
  return (entry) => {
    if (!isComparedInPart(entry.kind)) return undefined;
    const others = byName.get(toEntryKey(entry)) ?? [];
    const same = others.filter((other) => getSteadyPin(other) === getSteadyPin(entry));
    // an approval from when every number was taken for a double stands for the numbers that it rounded
    const rounded = getRoundedPin(entry);
    const isRounded = (other: CatalogueEntry) => !hasNotedDigits(other.definition) && getSteadyPin(other) === rounded;
    const approved = () =>
      rounded === null ? undefined : others.find((other) => isRounded(other) && findDecision(other)?.verdict === 'approved');
    return same.find(findDecision) ?? approved() ?? same[0];
  };
}

/** What was approved and differs in the texts alone that the approval ignores. */
async function loadWorded(tx: TenantTx, server: ServerNow, entries: readonly CatalogueEntry[]): Promise<FindKnown> {
  if (entries.length === 0) return () => undefined;
  const { tenantId, serverId } = server;
  const approvals = await listIgnoringApprovals(tx, { ...server, names: entries.map(({ name }) => name) });
  if (approvals.length === 0) return () => undefined;
  const rows = await tx.revisionEntry.findMany({
    where: { tenantId, pin: { in: approvals.map(({ pin }) => pin) }, revision: { serverId } },
    distinct: ['kind', 'pin'],
    select: { kind: true, name: true, pin: true, definition: true },
  });
  const texts = rows.flatMap((row) => PinnedEntry.safeParse(row).data ?? []);
  const approved = approvals.flatMap(({ kind, name, pin, ignored }) => {
    const text = texts.find((each) => each.kind === kind && each.pin === pin && each.name === name);
    return text ? [{ text, ignored }] : [];
  });
  const byName = Map.groupBy(approved, ({ text }) => toEntryKey(text));
  return (entry) =>
    byName
      .get(toEntryKey(entry))
      ?.find(
        ({ text, ignored }) => getSteadyPin({ ...text, ignored }) === computeSteadyPin(entry.kind, entry.definition, ignored),
      )?.text;
}

/** Tools, resources and templates of these names that were ever found, the newest first. What cannot be read is none. */
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
        and e.kind in ('tool', 'resource', 'template') and e.name = any(${names}::text[])
      order by e.kind, e.pin, r.number desc
    ) known order by number desc`);
  return rows.flatMap((row) => PinnedEntry.safeParse(row).data ?? []);
}
