import { Prisma, type Risk, type Verdict } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import type { EntryKind, ServerEntryRef } from '@gatehouse/policy/documents/catalogue-entry';
import { isPinned } from '@gatehouse/policy/documents/pinned-entry';

import { buildInCondition } from '../sql.ts';

/** Which entries are asked for: all that no list rules out. */
export interface Which {
  tenantId: string;
  now: Date;
  /** what servers offer at this site; left out: at any of theirs */
  siteId?: string | undefined;
  serverIds?: readonly string[] | undefined;
  kinds?: readonly EntryKind[] | undefined;
  names?: readonly string[] | undefined;
  pins?: readonly string[] | undefined;
}

/** One exact definition. */
export interface PinnedRef extends ServerEntryRef {
  pin: string;
}

/** Key of one exact definition. */
export function toPinnedKey({ serverId, kind, name, pin }: PinnedRef): string {
  return `${serverId} ${kind} ${pin} ${name}`;
}

/** A decision on one exact definition. */
export interface Decision extends PinnedRef {
  verdict: Verdict;
  /** of a tool */
  risk: Risk | null;
  /** JSON Pointers marked "log value" */
  logArguments: string[];
  logResults: string[];
  /** JSON Pointers of texts that the approval ignores */
  ignored: string[];
  note: string | null;
  reviewId: string | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  validUntil: Date | null;
  /** the act that decided */
  auditId: string | null;
}

/** One exact definition and where it is what its server offers. */
export interface OfferedRef extends PinnedRef {
  siteIds: string[];
}

/**
 * An entry of what a server offers with the decision that stands on it. `pending`: nobody has decided on this very definition, or the
 * decision has lapsed; the entry is off.
 */
export interface OfferedEntry extends Decision, OfferedRef {
  /** as stored: parse it before use */
  definition: unknown;
  serverDisabled: boolean;
}

/** What servers offer, ordered by kind and name within each server. An entry that is not the same at all sites is there once for each text of it. */
export async function listOfferedEntries(tx: TenantTx, which: Which): Promise<OfferedEntry[]> {
  const rows = await tx.$queryRaw<OfferedEntry[]>`
    select offered.server_id as "serverId", offered.kind, offered.name, offered.pin, offered.definition, offered.site_ids as "siteIds",
      offered.server_disabled as "serverDisabled", coalesce(verdict, 'pending') as verdict, risk,
      coalesce(log_arguments, '{}') as "logArguments", coalesce(log_results, '{}') as "logResults", coalesce(ignored, '{}') as ignored, note, review_id as "reviewId",
      decided_by as "decidedBy", decided_at as "decidedAt", valid_until as "validUntil", audit_id as "auditId"
    from ${buildOffersWithDecisions(which)}
    order by 1, 2, 3, offered.site_ids`;
  return mergeSites(rows);
}

/** The same text stands in several revisions when their servers differ in something else. */
function mergeSites<Ref extends OfferedRef>(rows: readonly Ref[]): Ref[] {
  return [...Map.groupBy(rows, toPinnedKey).values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ ...first, siteIds: same.flatMap(({ siteIds }) => siteIds) }] : [];
  });
}

/**
 * The one rule of what may be used now, for previews, publishing and snapshots alike: the definition is what a server that is not disabled
 * offers, and the decision that stands on it is an approval. That is of the pin: another definition under it is not what was approved. By
 * `toPinnedKey`.
 */
export async function getApprovedEntries(tx: TenantTx, which: Which): Promise<ReadonlyMap<string, OfferedEntry>> {
  const offers = await listOfferedEntries(tx, which);
  const approved = offers.filter((entry) => !entry.serverDisabled && entry.verdict === 'approved' && isPinned(entry));
  return new Map(approved.map((entry) => [toPinnedKey(entry), entry]));
}

/** An approval that stands on what a server offers, without the definition, which a revision never changes. */
export interface StandingApproval extends Pick<
  Decision,
  'kind' | 'name' | 'pin' | 'risk' | 'logArguments' | 'logResults' | 'ignored'
> {
  serverId: string;
  revisionId: string;
  reviewId: string;
  auditId: string | null;
}

/** The same rule for a whole site, where definitions would be too much to read at each change. */
export function listStandingApprovals(tx: TenantTx, which: Which): Promise<StandingApproval[]> {
  return tx.$queryRaw<StandingApproval[]>`
    select offered.server_id as "serverId", offered.revision_id as "revisionId", offered.kind, offered.name, offered.pin, risk,
      log_arguments as "logArguments", log_results as "logResults", ignored, review_id as "reviewId", audit_id as "auditId"
    from ${buildOffersWithDecisions(which)}
    where verdict = 'approved' and not offered.server_disabled`;
}

/** How many entries of one kind a server offers, and how many of these may be used now. */
export interface OfferCount {
  kind: EntryKind;
  offered: number;
  approved: number;
}

/** The same entries, counted by their names. By server id. */
export async function countOffered(tx: TenantTx, which: Which): Promise<ReadonlyMap<string, OfferCount[]>> {
  const rows = await tx.$queryRaw<(OfferCount & { serverId: string })[]>`
    select offered.server_id as "serverId", offered.kind, count(distinct offered.name)::int as offered,
      (count(distinct offered.name) filter (where verdict = 'approved' and not offered.server_disabled))::int as approved
    from ${buildOffersWithDecisions(which)}
    group by 1, 2`;
  return Map.groupBy(rows, ({ serverId }) => serverId);
}

/** What servers offer, without definitions and decisions. */
export async function listOfferedPins(tx: TenantTx, which: Omit<Which, 'now'>): Promise<OfferedRef[]> {
  const rows = await tx.$queryRaw<OfferedRef[]>`
    select server_id as "serverId", kind, name, pin, site_ids as "siteIds" from (${buildOffersQuery(which)}) offered order by site_ids`;
  return mergeSites(rows);
}

/** Of what is offered under one name the texts that these sites have; where none of them has any, all texts. */
export function pickForSites<Ref extends OfferedRef>(texts: readonly Ref[], siteIds: readonly string[]): readonly Ref[] {
  const there = texts.filter((text) => text.siteIds.some((id) => siteIds.includes(id)));
  return there.length > 0 ? there : texts;
}

/** One server at a moment. */
export interface ServerNow {
  tenantId: string;
  now: Date;
  serverId: string;
}

/** A decision that stands, and the revision of its review, which holds what was decided on. */
export interface StandingDecision extends Decision {
  revisionId: string;
}

/** The decisions that stand on these exact definitions of one server, whatever it offers now. By `toPinnedKey`. */
export async function getStandingDecisions(
  tx: TenantTx,
  { pins, ...server }: ServerNow & { pins: readonly string[] },
): Promise<ReadonlyMap<string, Decision>> {
  const decisions = await queryStanding(tx, server, Prisma.sql`d.pin = any(${pins}::text[])`);
  return new Map(decisions.map((decision) => [toPinnedKey(decision), decision]));
}

/** The approvals that stand on whatever definitions of these names and ignore some of their texts. The newest first. */
export async function listIgnoringApprovals(
  tx: TenantTx,
  { names, ...server }: ServerNow & { names: readonly string[] },
): Promise<Decision[]> {
  const decisions = await queryStanding(tx, server, Prisma.sql`d.name = any(${names}::text[])`);
  return decisions
    .filter(({ verdict, ignored }) => verdict === 'approved' && ignored.length > 0)
    .toSorted((a, b) => Number(b.decidedAt) - Number(a.decidedAt));
}

/** The approvals that stand on other definitions of these entries than on these, whatever is offered. Another server's definition is none of theirs. */
export async function listOtherApprovals(
  tx: TenantTx,
  at: Pick<Which, 'tenantId' | 'now'>,
  served: readonly PinnedRef[],
): Promise<StandingDecision[]> {
  const [ids, kinds, names, pins] = (['serverId', 'kind', 'name', 'pin'] as const).map((part) => served.map((ref) => ref[part]));
  const about = Prisma.sql`d.server_id = any(${ids}::uuid[]) and d.name = any(${names}::text[]) and not exists (
    select from unnest(${ids}::uuid[], ${kinds}::text[], ${pins}::text[]) served (server_id, kind, pin)
    where served.server_id = d.server_id and served.kind = d.kind::text and served.pin = d.pin)`;
  const decisions = await selectStanding(tx, at, about);
  return decisions.filter(({ verdict }) => verdict === 'approved');
}

function queryStanding(tx: TenantTx, { serverId, ...at }: ServerNow, about: Prisma.Sql): Promise<Decision[]> {
  return selectStanding(tx, at, Prisma.sql`d.server_id = ${serverId}::uuid and ${about}`);
}

function selectStanding(tx: TenantTx, at: Pick<Which, 'tenantId' | 'now'>, about: Prisma.Sql): Promise<StandingDecision[]> {
  return tx.$queryRaw<StandingDecision[]>`
    select server_id as "serverId", kind, name, pin, verdict, risk, log_arguments as "logArguments", log_results as "logResults", ignored,
      note, review_id as "reviewId", decided_by as "decidedBy", decided_at as "decidedAt", valid_until as "validUntil", audit_id as "auditId", revision_id as "revisionId"
    from (${buildStandingQuery(at, about)}) standing`;
}

/** Tables `offered`, what servers offer, and beside each row `standing`, the decision on it if there is one. */
export function buildOffersWithDecisions({ tenantId, now, ...which }: Which): Prisma.Sql {
  const onIt = Prisma.sql`d.server_id = offered.server_id and d.kind = offered.kind and d.name = offered.name and d.pin = offered.pin`;
  return Prisma.sql`
    (${buildOffersQuery({ tenantId, ...which })}) offered
    left join lateral (${buildStandingQuery({ tenantId, now }, onIt)}) standing on true`;
}

/** What servers offer: at each site what was seen there. */
function buildOffersQuery({ tenantId, siteId, serverIds, kinds, names, pins }: Omit<Which, 'now'>): Prisma.Sql {
  return Prisma.sql`
    select s.id as server_id, s.disabled_at is not null as server_disabled, seen.revision_id, seen.site_ids, e.kind, e.name, e.pin,
      e.definition
    from server s
    cross join lateral (
      select revision_id, array_agg(site_id::text order by site_id) as site_ids
      from (${buildSeenQuery(siteId)}) at_sites group by revision_id
    ) seen
    join revision_entry e on e.tenant_id = s.tenant_id and e.revision_id = seen.revision_id
    where s.tenant_id = ${tenantId}::uuid ${buildInCondition(Prisma.sql`s.id`, serverIds, 'uuid')}
      ${buildInCondition(Prisma.sql`e.kind::text`, kinds, 'text')} ${buildInCondition(Prisma.sql`e.name`, names, 'text')} ${buildInCondition(Prisma.sql`e.pin`, pins, 'text')}`;
}

/**
 * Which revision of a server `s` counts at each of its sites: what an agent there saw last, else the newest that somebody asked for. One that an
 * agent saw of its own accord says nothing of another site, and none of another upstream counts.
 */
export function buildSeenQuery(siteId?: string): Prisma.Sql {
  return Prisma.sql`
    select at.site_id, coalesce(observed.id, asked.id) as revision_id
    from server_site at
    left join observation o on o.tenant_id = at.tenant_id and o.server_id = at.server_id and o.site_id = at.site_id
    left join server_revision observed on observed.tenant_id = o.tenant_id and observed.id = o.revision_id and observed.number > s.former_revisions
    left join lateral (
      select id from server_revision r
      where r.tenant_id = at.tenant_id and r.server_id = at.server_id and not r.is_drift and r.number > s.former_revisions
      order by r.number desc limit 1
    ) asked on observed.id is null
    where at.tenant_id = s.tenant_id and at.server_id = s.id ${siteId === undefined ? Prisma.empty : Prisma.sql`and at.site_id = ${siteId}::uuid`}`;
}

/**
 * The newest decision on each exact definition. When its review has lapsed there is none: an older decision does not come back, and none on what
 * another upstream offered does. `about` is a condition on the decisions `d`.
 */
function buildStandingQuery({ tenantId, now }: Pick<Which, 'tenantId' | 'now'>, about: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    select * from (
      select distinct on (d.server_id, d.kind, d.name, d.pin) d.*, v.state, v.valid_until, v.revision_id
      from entry_decision d join review v on v.tenant_id = d.tenant_id and v.id = d.review_id
      join server_revision decided on decided.tenant_id = v.tenant_id and decided.id = v.revision_id
      join server its on its.tenant_id = v.tenant_id and its.id = v.server_id and decided.number > its.former_revisions
      where d.tenant_id = ${tenantId}::uuid and d.verdict <> 'pending' and v.decided_at is not null and ${about}
      order by d.server_id, d.kind, d.name, d.pin, v.decided_at desc, v.id desc
    ) latest
    where state = 'decided' and valid_until > ${now}`;
}
