import type { TenantTx } from '@gatehouse/db/tenant';
import { type CatalogueEntry, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { isPinned, PinnedEntry } from '@gatehouse/policy/documents/pinned-entry';
import { MOST_ALIKE } from '@gatehouse/policy/documents/profile';
import { listProseChanges } from '@gatehouse/policy/documents/prose';
import { getSteadyPin } from '@gatehouse/policy/documents/steady-pin';

import { listDecidedReviews } from './decided-reviews.ts';
import { type Decision, listOtherApprovals, type PinnedRef, toPinnedKey } from './offered-entries.ts';

type Marks = Pick<Decision, 'risk' | 'logArguments' | 'logResults'>;
type Approved = PinnedRef & Marks;

/** Whether two decisions on one entry say the same of it. */
export function isMarkedAlike(a: Marks, b: Marks): boolean {
  const toText = ({ risk, logArguments, logResults }: Marks) =>
    JSON.stringify([risk, logArguments.toSorted(), logResults.toSorted()]);
  return toText(a) === toText(b);
}

/** By `toPinnedKey` of what is served, the pins of its other approved texts on which people decided the same: candidates, whose texts are still to be compared. */
export async function listOtherTexts(
  tx: TenantTx,
  at: { tenantId: string; now: Date },
  served: readonly Approved[],
): Promise<ReadonlyMap<string, string[]>> {
  if (served.length === 0) return new Map();
  const serverIds = [...new Set(served.map(({ serverId }) => serverId))];
  const [names, pins] = [served.map(({ name }) => name), served.map(({ pin }) => pin)];
  const others = await listOtherApprovals(tx, { ...at, serverIds, names: [...new Set(names)], pins: [...new Set(pins)] });
  const acts = await listDecidedReviews(tx, at.tenantId, [...new Set(others.flatMap(({ reviewId }) => reviewId ?? []))]);
  const signed = others.filter(
    ({ reviewId, auditId }) => reviewId !== null && auditId !== null && acts.get(reviewId) === auditId,
  );
  const byEntry = Map.groupBy(signed, toServerEntryKey);
  const pinsOf = (entry: Approved) =>
    (byEntry.get(toServerEntryKey(entry)) ?? []).filter((other) => isMarkedAlike(entry, other)).map(({ pin }) => pin);
  return new Map(served.map((entry) => [toPinnedKey(entry), pinsOf(entry).toSorted()]));
}

/** Of these pins, by server, those of texts that differ from the served one in words alone: as agents compare them. */
export async function loadAlike(
  tx: TenantTx,
  tenantId: string,
  pins: readonly string[],
): Promise<(served: CatalogueEntry, candidates: readonly string[]) => string[]> {
  if (pins.length === 0) return () => [];
  const rows = await tx.revisionEntry.findMany({
    where: { tenantId, pin: { in: [...new Set(pins)] } },
    distinct: ['kind', 'pin'],
    select: { kind: true, name: true, pin: true, definition: true },
  });
  const texts = rows.flatMap((row) => PinnedEntry.safeParse(row).data ?? []).filter(isPinned);
  return ({ kind, name, definition }, candidates) =>
    texts
      .filter((text) => text.kind === kind && text.name === name && candidates.includes(text.pin))
      .filter((text) => listProseChanges(kind, text.definition, definition) !== null)
      .map(getSteadyPin)
      .toSorted()
      .slice(0, MOST_ALIKE);
}
