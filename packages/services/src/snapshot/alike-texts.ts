import type { TenantTx } from '@gatehouse/db/tenant';
import { type CatalogueEntry, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { PinnedEntry } from '@gatehouse/policy/documents/pinned-entry';
import { MOST_ALIKE } from '@gatehouse/policy/documents/profile';
import { listProseChanges } from '@gatehouse/policy/documents/prose';
import { getSteadyPin } from '@gatehouse/policy/documents/steady-pin';

import { type DecidingAct, listDecidedReviews } from './decided-reviews.ts';
import { type Decision, listOtherApprovals, type PinnedRef, type StandingDecision, toPinnedKey } from './offered-entries.ts';

type Marks = Pick<Decision, 'risk' | 'logArguments' | 'logResults'>;
type Approved = PinnedRef & Marks;

/** Whether two decisions on one entry say the same of it. */
export function isMarkedAlike(a: Marks, b: Marks): boolean {
  const toText = ({ risk, logArguments, logResults }: Marks) =>
    JSON.stringify([risk, logArguments.toSorted(), logResults.toSorted()]);
  return toText(a) === toText(b);
}

/**
 * By `toPinnedKey` of what is served, the pins of its other approved texts on which people decided the same: candidates, whose texts are still to be compared. What
 * ends by itself is none, because the entry that it would be served under ends later.
 */
export async function listOtherTexts(
  tx: TenantTx,
  at: { tenantId: string; now: Date },
  served: readonly Approved[],
): Promise<ReadonlyMap<string, string[]>> {
  if (served.length === 0) return new Map();
  const lasting = (await listDecidedOthers(tx, at, served)).filter(({ endsAt }) => endsAt === null);
  const byEntry = Map.groupBy(lasting, toServerEntryKey);
  const pinsOf = (entry: Approved) =>
    (byEntry.get(toServerEntryKey(entry)) ?? []).filter((other) => isMarkedAlike(entry, other)).map(({ pin }) => pin);
  return new Map(served.map((entry) => [toPinnedKey(entry), pinsOf(entry).toSorted()]));
}

/** The approvals that people gave, as many as it takes, to other texts of these entries. */
export async function listDecidedOthers(
  tx: TenantTx,
  at: { tenantId: string; now: Date },
  served: readonly PinnedRef[],
): Promise<(StandingDecision & Pick<DecidingAct, 'endsAt'>)[]> {
  const others = await listOtherApprovals(tx, at, served);
  const acts = await listDecidedReviews(tx, at.tenantId, [...new Set(others.flatMap(({ reviewId }) => reviewId ?? []))]);
  return others.flatMap((other) => {
    const act = other.reviewId === null ? undefined : acts.get(other.reviewId);
    return act && act.auditId === other.auditId ? [{ ...other, endsAt: act.endsAt }] : [];
  });
}

/** Of these pins, by server, those of texts that differ from the served one in words alone: as agents compare them. `first`: one that is told whatever else there is. */
export async function loadAlike(
  tx: TenantTx,
  tenantId: string,
  pins: readonly string[],
): Promise<(served: CatalogueEntry, candidates: readonly string[], first: string | null) => string[]> {
  const texts = await loadTexts(tx, tenantId, pins);
  return ({ kind, name, definition }, candidates, first) => {
    const alike = texts
      .filter((text) => text.kind === kind && text.name === name && candidates.includes(text.pin))
      .filter((text) => listProseChanges(kind, text.definition, definition) !== null)
      .map((text) => ({ isFirst: text.pin === first, steady: getSteadyPin(text) }))
      .toSorted((a, b) => Number(b.isFirst) - Number(a.isFirst) || (a.steady < b.steady ? -1 : 1))
      .slice(0, MOST_ALIKE);
    return alike.map(({ steady }) => steady);
  };
}

/** Every text that stands under these pins: one that is not of its pin is left out, and hides none that is. */
export async function loadTexts(tx: TenantTx, tenantId: string, pins: readonly string[]): Promise<CatalogueEntry[]> {
  if (pins.length === 0) return [];
  const rows = await tx.$queryRaw<{ kind: string; name: string; pin: string; definition: string }[]>`
    select distinct kind::text, name, pin, definition::text as definition from revision_entry
    where tenant_id = ${tenantId}::uuid and pin = any(${[...new Set(pins)]}::text[])`;
  return rows.flatMap(({ definition, ...row }) => {
    const text: unknown = JSON.parse(definition);
    return PinnedEntry.safeParse({ ...row, definition: text }).data ?? [];
  });
}
