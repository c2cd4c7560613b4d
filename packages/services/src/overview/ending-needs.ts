import type { TenantTx } from '@gatehouse/db/tenant';

import { buildIsEnding } from '../client-key/ending.ts';
import { type Actor, getActorId } from '../context.ts';
import { buildNeed, ENDED_NOTICE_MS, MOST_OF_KIND, type NeedGroup, PATIENCE_MS } from './needs.ts';
import { toGroup } from './profile-needs.ts';

/** A join token that nobody has used is told of when it has this long left, and for a day after its end. */
const TOKEN_NOTICE_MS = 15 * 60_000;
const TOKEN_MEMORY_MS = 24 * 3_600_000;
/** One failure is tried again within seconds; this many in a row are no chance. */
const FAILURES_IN_A_ROW = 2;

interface At {
  tenantId: string;
  now: Date;
}

interface EndingRow {
  id: string;
  name: string;
  place: string;
  slug: string;
  until: Date;
  total: number;
}

/** One's own keys that end soon or have just ended, where no other of one's keys to that profile lasts longer. */
export async function listEndingKeys(tx: TenantTx, actor: Actor, { tenantId, now }: At): Promise<NeedGroup> {
  const since = new Date(now.getTime() - ENDED_NOTICE_MS);
  const rows = await tx.$queryRaw<EndingRow[]>`
    select k.id, k.name, p.name as place, p.slug, k.expires_at as until, (count(*) over ())::int as total
    from client_key k join profile p on p.tenant_id = k.tenant_id and p.id = k.profile_id and p.disabled_at is null
    where k.tenant_id = ${tenantId}::uuid and k.membership_id::text = ${getActorId(actor)} and k.expires_at > ${since}
      and ${buildIsEnding(now)}
    order by k.expires_at, k.id
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, name, place, slug, until }) =>
    buildNeed({ kind: 'client_key_ending', id, subject: name, place, path: `/profiles/${slug}/connect`, until }),
  );
}

/** Join tokens that end unused: an agent that somebody waits for has not come. */
export async function listEndingTokens(tx: TenantTx, { tenantId, now }: At): Promise<NeedGroup> {
  const [from, to] = [new Date(now.getTime() - TOKEN_MEMORY_MS), new Date(now.getTime() + TOKEN_NOTICE_MS)];
  const rows = await tx.$queryRaw<(EndingRow & { code: string | null })[]>`
    select t.id, t.agent_name as name, s.name as place, s.slug, t.expires_at as until, t.failure_code as code,
      (count(*) over ())::int as total
    from join_token t join site s on s.tenant_id = t.tenant_id and s.id = t.site_id
    where t.tenant_id = ${tenantId}::uuid and s.ended_at is null and t.used_at is null and t.revoked_at is null and t.expires_at between ${from} and ${to}
      and not exists (
        select from join_token later
        where later.tenant_id = t.tenant_id and later.site_id = t.site_id and later.agent_name = t.agent_name
          and later.created_at > t.created_at)
      and not exists (
        select from agent a
        where a.tenant_id = t.tenant_id and a.site_id = t.site_id and a.name = t.agent_name and a.enrolled_at >= t.created_at)
    order by t.expires_at, t.id
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, name, place, until, code }) =>
    buildNeed({ kind: 'join_token_ending', id, subject: name, place, path: `/agents/new?enrolment=${id}`, until, code }),
  );
}

/** Where what a job does is seen. */
const JOB_PATHS: Readonly<Record<string, string>> = {
  'expire-records': '/reviews',
  'keep-revocations': '/audit/revocations',
  'keep-keyset': '/signing-keys',
};

/** Work that the control plane does for this workspace of its own accord, and that keeps failing. */
export async function listFailingJobs(tx: TenantTx, { tenantId, now }: At): Promise<NeedGroup> {
  const rows = await tx.jobFailure.findMany({
    where: {
      tenantId,
      OR: [{ times: { gte: FAILURES_IN_A_ROW } }, { since: { lt: new Date(now.getTime() - PATIENCE_MS) } }],
    },
    orderBy: [{ since: 'asc' }, { job: 'asc' }],
    take: MOST_OF_KIND,
  });
  const needs = rows.map(({ job, since, times: many, code }) =>
    buildNeed({ kind: 'job_failing', id: job, subject: job, path: JOB_PATHS[job] ?? '/agents', since, many, code }),
  );
  return { needs, total: needs.length };
}
