import type { TenantTx } from '@gatehouse/db/tenant';
import { type EntryRef, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { formatSome } from '@gatehouse/policy/names/some-of';

import { DAY_MS, HOUR_MS } from '../durations.ts';
import { ServiceError } from '../errors.ts';
import type { EntryChoice } from './proposal.ts';
import type { LoadedReview } from './require-review.ts';

/** Of what an owner approves alone, until a second person confirms it: seven days, counted from the first time. */
export const MAX_GLASS_HOURS = 168;

interface FirstGlass {
  kind: string;
  pin: string;
  /** when this very text was first approved alone, and nobody has confirmed it since */
  since: Date;
}

/**
 * When what an owner approves alone ends at the latest. The seven days of a text run once, from the first act in the log: neither another review of it, nor taking the
 * decision back, nor the same upstream under another name begins them anew; two people who approve it do. Throws `not_permitted` for texts whose days are over.
 */
export async function findGlassEnd(
  tx: TenantTx,
  review: LoadedReview,
  choices: readonly EntryChoice[],
  now: Date,
): Promise<Date> {
  const getEnd = await loadGlassEnds(tx, review, choices, now);
  const over = choices.filter((choice) => getEnd(choice) <= now.getTime());
  if (over.length > 0) throw new ServiceError('not_permitted', describeGlassOver(over));
  return new Date(Math.min(...choices.map(getEnd)));
}

/** What of a review an owner does not approve alone any more, told before anyone tries; null: the days of none are over. */
export async function findGlassOver(tx: TenantTx, review: LoadedReview, now: Date): Promise<GlassOver | null> {
  const getEnd = await loadGlassEnds(tx, review, review.revision.entries, now);
  const over = review.revision.entries.filter((entry) => getEnd(entry) <= now.getTime());
  if (over.length === 0) return null;
  return { entries: over.map(({ kind, name }) => ({ kind, name })), reason: describeGlassOver(over) };
}

/** Texts of a review whose seven days are over, and what that means for whoever would approve them alone. */
export interface GlassOver {
  entries: EntryRef[];
  reason: string;
}

function describeGlassOver(over: readonly EntryRef[]): string {
  const names = formatSome(over.map(({ name }) => name));
  return `Alone an owner approves a text for ${(MAX_GLASS_HOURS * HOUR_MS) / DAY_MS} days, once, and these are over for ${names}. Reject it, or invite a reviewer: with two people it is decided without break-glass.`;
}

/** When the days of each of these entries end, in milliseconds. */
async function loadGlassEnds(
  tx: TenantTx,
  review: LoadedReview,
  entries: readonly EntryRef[],
  now: Date,
): Promise<(entry: EntryRef) => number> {
  const pins = new Map(review.revision.entries.map((entry) => [toEntryKey(entry), entry.pin]));
  const getPin = (entry: EntryRef): string => pins.get(toEntryKey(entry)) ?? '';
  const first = await listFirstGlass(tx, review, [...new Set(entries.map(getPin))]);
  const sinceOf = new Map(first.map(({ kind, pin, since }) => [`${kind} ${pin}`, since]));
  return (entry) => (sinceOf.get(`${entry.kind} ${getPin(entry)}`) ?? now).getTime() + MAX_GLASS_HOURS * HOUR_MS;
}

/** Also of decisions that were taken back: the log keeps the acts. */
async function listFirstGlass(
  tx: TenantTx,
  { tenantId, serverId }: LoadedReview,
  pins: readonly string[],
): Promise<readonly FirstGlass[]> {
  return tx.$queryRaw<FirstGlass[]>`
    select e.kind::text as kind, e.pin, min(act.at) as since
    from server s
    join server other on other.tenant_id = s.tenant_id and coalesce(other.upstream = s.upstream, true)
    join review v on v.tenant_id = other.tenant_id and v.server_id = other.id
    join admin_audit act on act.tenant_id = v.tenant_id and act.entity_type = 'review' and act.entity_id = v.id::text
      and act.action = 'review.decide' and act.actor_kind = 'person' and (act.after ->> 'breakGlass')::boolean
    cross join lateral jsonb_to_recordset(act.after -> 'decisions') d (kind text, name text, verdict text)
    join revision_entry e on e.tenant_id = v.tenant_id and e.revision_id = v.revision_id and e.kind::text = d.kind and e.name = d.name
    where s.tenant_id = ${tenantId}::uuid and s.id = ${serverId}::uuid and d.verdict = 'approved' and e.pin = any(${pins}::text[])
      and not exists (
        select from entry_decision stands join review w on w.tenant_id = stands.tenant_id and w.id = stands.review_id
        where stands.tenant_id = v.tenant_id and stands.server_id = s.id and stands.kind = e.kind and stands.pin = e.pin
          and stands.verdict = 'approved' and w.confirmed_at >= act.at)
    group by 1, 2`;
}
