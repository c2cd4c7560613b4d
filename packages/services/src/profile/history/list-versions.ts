import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { type AgentStatus, getAgentStatus } from '../../agent/status.ts';
import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { cutPage, type Page, readCursor } from '../../cursor.ts';
import { parseInput } from '../../errors.ts';
import { MOST_BESIDE } from '../../list/find-page.ts';
import { getPersonNames, type PersonName } from '../../person-names.ts';
import { requireProfile } from '../require-profile.ts';

const Position = z.tuple([
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);

export const ListVersions = z.object({
  profileId: z.uuid(),
  /** `nextCursor` of the page before */
  cursor: z.string().max(500).optional(),
  limit: z.int().min(1).max(100).default(20),
});
export type ListVersions = z.input<typeof ListVersions>;

/** No more receipts of a version are counted than this. */
export const MOST_COUNTED = 1_000;

/** An agent by the newest configuration that it confirmed. */
export interface RunningAgent {
  agentId: string;
  name: string;
  siteName: string;
  status: AgentStatus;
}

/** Agents by name: how many, and the first of them. */
export interface RunningAgents {
  total: number;
  agents: RunningAgent[];
}

export interface VersionRow {
  number: number;
  publishedAt: Date;
  publishedBy: PersonName;
  /** who agreed to it where the owner of the profile had to; null: nobody was asked, or the owner published it */
  agreedBy: PersonName | null;
  /** why it went on without the owner, in the words of `agreedBy` */
  withoutOwner: string | null;
  /** the version whose choices it brought back */
  rolledBackTo: number | null;
  /** it is what is served */
  isCurrent: boolean;
  entryCount: number;
  /** calls that were made by it, as their receipts say; at most `MOST_COUNTED` */
  callCount: number;
  running: RunningAgents;
}

export interface VersionPage extends Page<VersionRow> {
  /** agents whose last confirmed configuration is not kept any more, or does not hold the profile */
  otherAgents: RunningAgents;
}

/** The versions of a profile, newest first. Throws `not_found`. */
export async function listVersions({ ctx, input }: { ctx: ServiceContext; input: ListVersions }): Promise<VersionPage> {
  authorize(ctx, 'profile.read');
  const { profileId, cursor, limit } = parseInput(ListVersions, input);
  const { tenantId, runtime } = ctx;
  const below = cursor === undefined ? null : readCursor(Position, cursor)[0];
  return read(ctx, async (tx) => {
    const { publishedVersion } = await requireProfile(tx, tenantId, { profileId });
    const found = await listStored(tx, { tenantId, profileId, below, limit: limit + 1 });
    const { page, nextCursor } = cutPage(found, limit, ({ number }) => [String(number)]);
    const people = await getPersonNames(
      tx,
      tenantId,
      page.flatMap(({ publishedBy, agreedBy }) => [publishedBy, agreedBy]),
    );
    const agents = Map.groupBy(await listRunning(tx, tenantId, profileId), ({ version }) => version);
    const getRunning = (version: number | null): RunningAgents => {
      const rows = agents.get(version) ?? [];
      return { total: rows[0]?.total ?? 0, agents: rows.map((row) => toRunningAgent(row, runtime.now())) };
    };
    return {
      rows: page.map((row) => ({
        ...row,
        publishedBy: people.get(row.publishedBy),
        agreedBy: row.agreedBy === null ? null : people.get(row.agreedBy),
        isCurrent: row.number === publishedVersion,
        running: getRunning(row.number),
      })),
      nextCursor,
      otherAgents: getRunning(null),
    };
  });
}

type StoredRow = Omit<VersionRow, 'publishedBy' | 'agreedBy' | 'isCurrent' | 'running'> & {
  publishedBy: string;
  agreedBy: string | null;
};

/** Without documents, and with no more receipts than are counted. */
function listStored(
  tx: TenantTx,
  { tenantId, profileId, below, limit }: { tenantId: string; profileId: string; below: number | null; limit: number },
): Promise<StoredRow[]> {
  return tx.$queryRaw<StoredRow[]>`
    select v.number, v.published_at as "publishedAt", v.published_by as "publishedBy", v.rolled_back_to as "rolledBackTo",
      asked.consented_by as "agreedBy", asked.consent_reason as "withoutOwner",
      (select count(distinct (entry ->> 'serverId', entry ->> 'kind', entry ->> 'name'))::int
        from jsonb_array_elements(v.document -> 'entries') entry) as "entryCount",
      (select count(*)::int from (
        select from receipt r
        where r.tenant_id = v.tenant_id and r.profile_id = v.profile_id and r.profile_version = v.number limit ${MOST_COUNTED}
      ) counted) as "callCount"
    from profile_version v
    left join publish_request asked on asked.tenant_id = v.tenant_id and asked.profile_id = v.profile_id and asked.version = v.number
    where v.tenant_id = ${tenantId}::uuid and v.profile_id = ${profileId}::uuid and (${below}::int is null or v.number < ${below}::int)
    order by v.number desc limit ${limit}`;
}

interface AgentRow {
  agentId: string;
  name: string;
  siteName: string;
  revokedAt: Date | null;
  quarantinedAt: Date | null;
  lastSeenAt: Date | null;
  /** of the profile, in the configuration that the agent confirmed last; null: unknown */
  version: number | null;
  /** agents with this version */
  total: number;
}

function toRunningAgent({ agentId, name, siteName, ...facts }: AgentRow, now: Date): RunningAgent {
  return { agentId, name, siteName, status: getAgentStatus(facts, now) };
}

/**
 * The agents of the profile's sites, each with the version in the configuration that it confirmed: read off the manifest, as the agent does. Of each version
 * the first by name.
 */
function listRunning(tx: TenantTx, tenantId: string, profileId: string): Promise<AgentRow[]> {
  return tx.$queryRaw<AgentRow[]>`
    with confirmed as (
      select distinct a.site_id, a.acked_version
      from agent a join profile_site at on at.tenant_id = a.tenant_id and at.site_id = a.site_id and at.profile_id = ${profileId}::uuid
      where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null
    ), served as (
      select confirmed.*, (convert_from(part.bytes, 'UTF8')::jsonb ->> 'version')::int as version
      from confirmed
      join manifest m on m.tenant_id = ${tenantId}::uuid and m.site_id = confirmed.site_id and m.version = confirmed.acked_version
      join config_part names on names.tenant_id = m.tenant_id and names.hash = convert_from(m.payload, 'UTF8')::jsonb -> 'roots' ->> 'profiles'
      join lateral (
        select entry ->> 1 as hash from jsonb_array_elements(convert_from(names.bytes, 'UTF8')::jsonb -> 'entries') entry
        where entry ->> 0 = ${profileId}
      ) leaf on true
      join config_part part on part.tenant_id = m.tenant_id and part.hash = leaf.hash
    )
    select "agentId", name, "siteName", "revokedAt", "quarantinedAt", "lastSeenAt", version, total
    from (
      select a.id as "agentId", a.name, s.name as "siteName", a.revoked_at as "revokedAt", a.quarantined_at as "quarantinedAt",
        a.last_seen_at as "lastSeenAt", served.version, count(*) over (partition by served.version)::int as total,
        row_number() over (partition by served.version order by a.name, a.id) as place
      from agent a
      join confirmed on confirmed.site_id = a.site_id and confirmed.acked_version = a.acked_version
      join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
      left join served on served.site_id = a.site_id and served.acked_version = a.acked_version
      where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null
    ) ranked
    where place <= ${MOST_BESIDE} order by name, "agentId"`;
}
