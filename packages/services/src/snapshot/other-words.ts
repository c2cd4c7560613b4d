import type { TenantTx } from '@gatehouse/db/tenant';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { listProseChanges } from '@gatehouse/policy/documents/prose';

import { isMarkedAlike, listDecidedOthers, loadTexts } from './alike-texts.ts';
import type { DecidingAct } from './decided-reviews.ts';
import { listStandingApprovals, type PinnedRef, type StandingApproval, toPinnedKey } from './offered-entries.ts';

/** The texts of these names that enabled profiles are published with at a site. */
export function listPublishedTexts(
  tx: TenantTx,
  {
    tenantId,
    siteId,
    serverIds,
    names,
  }: { tenantId: string; siteId: string; serverIds: readonly string[]; names: readonly string[] },
): Promise<PinnedRef[]> {
  return tx.$queryRaw<PinnedRef[]>`
    select distinct entry ->> 'serverId' as "serverId", entry ->> 'kind' as kind, entry ->> 'name' as name, entry ->> 'pin' as pin
    from profile p
    join profile_site at on at.tenant_id = p.tenant_id and at.profile_id = p.id and at.site_id = ${siteId}::uuid
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    cross join lateral jsonb_array_elements(v.document -> 'entries') entry
    where p.tenant_id = ${tenantId}::uuid and p.disabled_at is null
      and entry ->> 'serverId' = any(${serverIds}::text[]) and entry ->> 'name' = any(${names}::text[])`;
}

/** The approval of a published text, where the site has the same entry in other words. */
export interface OtherwiseWorded extends StandingApproval, Pick<DecidingAct, 'endsAt'> {
  /** pin of the text that the site has */
  there: string;
}

/** What a site serves of entries that it has in other words than they are published in. */
export interface Wordings {
  /** texts that are served beside those that it has; of an entry one at most */
  worded: OtherwiseWorded[];
  /** by `toPinnedKey` of a published text, the pin of the one that is served in its place */
  replaced: ReadonlyMap<string, string>;
}

/**
 * Says in which words a site serves what its server lists by turns: where the text that it has is published nowhere there, in those that are, else in its own. A site serves one text
 * of an entry, and whoever published another of the same gets that.
 */
export async function chooseWordings(
  tx: TenantTx,
  at: { tenantId: string; siteId: string; now: Date },
  published: readonly PinnedRef[],
  /** keys of the texts that are published and that it has, by `toPinnedKey` */
  served: ReadonlySet<string>,
): Promise<Wordings> {
  const candidates = await listOtherwiseWorded(tx, at, published, served);
  const worded: OtherwiseWorded[] = [];
  const replaced = new Map<string, string>();
  for (const texts of Map.groupBy(candidates, toServerEntryKey).values()) {
    const [newest] = texts;
    if (!newest) continue;
    const isThere = served.has(toPinnedKey({ ...newest, pin: newest.there }));
    if (!isThere) worded.push(newest);
    const pin = isThere ? newest.there : newest.pin;
    for (const text of texts) if (text.pin !== pin) replaced.set(toPinnedKey(text), pin);
  }
  return { worded, replaced };
}

/** What is published, with the texts that are served in the place of others; an entry that has such a text as well keeps it, once. */
export function replaceTexts<Entry extends PinnedRef>(entries: readonly Entry[], replaced: Wordings['replaced']): Entry[] {
  if (replaced.size === 0) return [...entries];
  const present = new Set(entries.map(toPinnedKey));
  return entries.map((entry) => {
    const pin = replaced.get(toPinnedKey(entry));
    const instead = pin === undefined ? entry : { ...entry, pin };
    if (pin === undefined || present.has(toPinnedKey(instead))) return entry;
    present.add(toPinnedKey(instead));
    return instead;
  });
}

/**
 * Of published texts those that a site does not have just now, where its server lists them by turns with the one that it has: that is approved too, the same was decided on
 * both, and they differ in words alone, so that they are one tool. What was decided on last comes first.
 */
async function listOtherwiseWorded(
  tx: TenantTx,
  at: { tenantId: string; siteId: string; now: Date },
  published: readonly PinnedRef[],
  served: ReadonlySet<string>,
): Promise<OtherwiseWorded[]> {
  const missing = await keepListed(
    tx,
    at,
    published.filter((ref) => !served.has(toPinnedKey(ref))),
  );
  if (missing.length === 0) return [];
  const [serverIds, names] = [missing.map(({ serverId }) => serverId), missing.map(({ name }) => name)];
  const rivals = await listStandingApprovals(tx, { ...at, serverIds: [...new Set(serverIds)], names: [...new Set(names)] });
  const there = Map.groupBy(rivals, toServerEntryKey);
  const wanted = new Set(missing.map(toPinnedKey));
  const candidates = (await listDecidedOthers(tx, at, rivals)).filter((other) => wanted.has(toPinnedKey(other)));
  const pins = [...candidates, ...rivals].map(({ pin }) => pin);
  const texts = new Map((await loadTexts(tx, at.tenantId, pins)).map((text) => [`${text.kind} ${text.pin} ${text.name}`, text]));
  const isAlike = (a: PinnedRef, b: PinnedRef) => {
    const [one, other] = [a, b].map(({ kind, pin, name }) => texts.get(`${kind} ${pin} ${name}`));
    return one !== undefined && other !== undefined && listProseChanges(a.kind, one.definition, other.definition) !== null;
  };
  return candidates
    .toSorted((a, b) => Number(b.decidedAt) - Number(a.decidedAt) || (a.pin < b.pin ? -1 : 1))
    .flatMap(({ kind, name, pin, risk, logArguments, logResults, ignored, serverId, revisionId, reviewId, auditId, endsAt }) => {
      if (reviewId === null) return [];
      const approval = {
        serverId,
        revisionId,
        kind,
        name,
        pin,
        risk,
        logArguments,
        logResults,
        ignored,
        reviewId,
        auditId,
        endsAt,
      };
      const texts = there.get(toServerEntryKey(approval)) ?? [];
      const text = texts.find((each) => isMarkedAlike(each, approval) && isAlike(each, approval));
      return text ? [{ ...approval, there: text.pin }] : [];
    });
}

/** Those that a server was seen to list at the site beside what its revision says. */
async function keepListed(
  tx: TenantTx,
  { tenantId, siteId }: { tenantId: string; siteId: string },
  refs: readonly PinnedRef[],
): Promise<readonly PinnedRef[]> {
  if (refs.length === 0) return [];
  const serverId = { in: [...new Set(refs.map((ref) => ref.serverId))] };
  const where = { tenantId, siteId, serverId, otherPins: { isEmpty: false } };
  const rows = await tx.observation.findMany({ where, select: { serverId: true, otherPins: true } });
  const listed = new Map(rows.map((row) => [row.serverId, row.otherPins]));
  return refs.filter((ref) => listed.get(ref.serverId)?.includes(ref.pin));
}
