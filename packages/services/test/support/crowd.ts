import { randomUUID } from 'node:crypto';

import type pg from 'pg';

import { runInLookup, runInTenant, type TenantTx } from '@gatehouse/db/tenant';
import { computePin } from '@gatehouse/policy/documents/content-hash';
import { defineTool } from '@gatehouse/policy/testing/build';

import type { Domain } from './domain.ts';
import { getUserId } from './fleet.ts';
import { getFixtureDb } from './world.ts';

/** One more than the longest page of a list, and a few. */
const CROWD = 230;

/** As many sites as a form takes. */
const SITES = 90;

/** Puts a crowd of everything that there can be many of into a fleet: around the first server, profile, group and site. */
export async function addCrowd({ admin, workspace, agent }: Domain, owner: pg.Client): Promise<void> {
  const { runtime, tenantId } = admin;
  const personId = admin.actor.kind === 'person' ? admin.actor.membershipId : '';
  const ids = { tenantId, personId, siteId: workspace.site.id, agentId: agent.id };
  await owner.query(
    `with made as (insert into "user" (id, name) select gen_random_uuid(), 'Crowd ' || n from generate_series(1, ${CROWD}) n returning id)
     insert into membership (tenant_id, id, user_id, email, role)
     select $1::uuid, gen_random_uuid(), id, id || '@crowd.example', 'member' from made`,
    [tenantId],
  );
  await runInTenant(getFixtureDb(runtime), tenantId, async (tx) => {
    await addPlaces(tx, ids);
    await addPeople(tx, ids);
    await addTools(tx, ids);
    await addProfiles(tx, ids);
  });
  const userId = getUserId(admin);
  const expiresAt = new Date(runtime.now().getTime() + 600_000);
  await runInLookup(runtime.db, { userId }, (tx) =>
    tx.consoleSession.createMany({ data: Array.from({ length: CROWD }, () => ({ userId, expiresAt })) }),
  );
}

interface Ids {
  tenantId: string;
  personId: string;
  siteId: string;
  agentId: string;
}

/** Sites where the first server and profile are, and agents of the first site that report it. */
async function addPlaces(tx: TenantTx, { tenantId, siteId, agentId }: Ids): Promise<void> {
  await tx.$executeRaw`
    insert into site (tenant_id, id, slug, name)
    select ${tenantId}::uuid, gen_random_uuid(), 'crowd-' || n, case when n <= ${SITES}::int then 'Crowd' else 'Elsewhere' end
    from generate_series(1, ${CROWD}::int) n`;
  await tx.$executeRaw`
    insert into server_site (tenant_id, server_id, site_id) select s.tenant_id, s.id, at.id from server s join site at using (tenant_id)
    where s.tenant_id = ${tenantId}::uuid and s.slug = 'server-1' and at.name = 'Crowd'`;
  await tx.$executeRaw`
    insert into profile_site (tenant_id, profile_id, site_id) select p.tenant_id, p.id, at.id from profile p join site at using (tenant_id)
    where p.tenant_id = ${tenantId}::uuid and p.slug = 'profile-1' and at.name = 'Crowd'`;
  await tx.$executeRaw`
    insert into agent select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'name', 'crowd-' || n,
      'public_key', '\\x' || md5(n::text) || md5(n::text || 'x'), 'endpoint_url', 'https://crowd-' || n || '.example'))).*
    from agent a cross join generate_series(1, ${CROWD}::int) n where a.tenant_id = ${tenantId}::uuid and a.id = ${agentId}::uuid`;
  await tx.$executeRaw`
    insert into discovery (tenant_id, id, server_id, site_id, agent_id, requested_by, payload, signature, key_id, created_at, expires_at)
    select tenant_id, gen_random_uuid(), id, ${siteId}::uuid, ${agentId}::uuid, ${randomUUID()}::uuid, '', '', gen_random_uuid(), now(),
      now() + interval '1 day'
    from server where tenant_id = ${tenantId}::uuid and slug not in ('server-1', 'server-2') order by slug limit ${CROWD}`;
}

/** Members, groups and keys that the first profile was given to; invitations, requests and tokens. */
async function addPeople(tx: TenantTx, { tenantId, personId, siteId }: Ids): Promise<void> {
  await tx.$executeRaw`
    insert into person_group (tenant_id, id, name, created_by)
    select ${tenantId}::uuid, gen_random_uuid(), 'Crowd ' || n, ${personId}::uuid from generate_series(1, ${CROWD}::int) n`;
  await tx.$executeRaw`
    insert into profile_access (tenant_id, profile_id, membership_id, granted_by)
    select p.tenant_id, p.id, m.id, ${personId}::uuid from profile p join membership m using (tenant_id)
    where p.tenant_id = ${tenantId}::uuid and p.slug = 'profile-1' and m.email like '%@crowd.example'`;
  await tx.$executeRaw`
    insert into profile_group (tenant_id, profile_id, group_id, granted_by)
    select p.tenant_id, p.id, g.id, ${personId}::uuid from profile p join person_group g using (tenant_id)
    where p.tenant_id = ${tenantId}::uuid and p.slug = 'profile-1' and g.name like 'Crowd %'`;
  await tx.$executeRaw`
    insert into group_member (tenant_id, group_id, membership_id, added_by)
    select m.tenant_id, g.id, m.id, ${personId}::uuid from membership m join person_group g using (tenant_id)
    where m.tenant_id = ${tenantId}::uuid and m.email like '%@crowd.example' and g.name = 'Support'`;
  await tx.$executeRaw`
    insert into client_key (tenant_id, id, membership_id, profile_id, name, key_hash, expires_at)
    select p.tenant_id, gen_random_uuid(), m.id, p.id, 'Laptop', m.id::text, now() + interval '1 day'
    from profile p join membership m using (tenant_id)
    where p.tenant_id = ${tenantId}::uuid and p.slug = 'profile-1' and m.email like '%@crowd.example'`;
  await tx.$executeRaw`
    insert into access_request (tenant_id, id, profile_id, membership_id, reason)
    select p.tenant_id, gen_random_uuid(), p.id, m.id, 'x' from profile p join membership m using (tenant_id)
    where p.tenant_id = ${tenantId}::uuid and p.slug = 'profile-2' and m.email like '%@crowd.example'`;
  await tx.$executeRaw`
    insert into join_token (tenant_id, id, site_id, agent_name, token_hash, created_by, expires_at)
    select ${tenantId}::uuid, gen_random_uuid(), ${siteId}::uuid, 'crowd', 'crowd-' || n || ${tenantId}, ${personId}::uuid, now() + interval '1 hour'
    from generate_series(1, ${CROWD}::int) n`;
}

/** Tools that the first server offers in each revision, approved where its others are. */
async function addTools(tx: TenantTx, { tenantId, personId }: Ids): Promise<void> {
  const tools = Array.from({ length: CROWD }, (_, index) => {
    const definition = defineTool(`crowd_${index}`);
    return { name: definition.name, pin: computePin(definition), definition };
  });
  await tx.$executeRaw`
    insert into revision_entry (tenant_id, revision_id, kind, pin, name, definition)
    select r.tenant_id, r.id, 'tool', tool.pin, tool.name, tool.definition
    from server_revision r join server s on s.tenant_id = r.tenant_id and s.id = r.server_id
    cross join jsonb_to_recordset(${JSON.stringify(tools)}::jsonb) tool (name text, pin text, definition json)
    where r.tenant_id = ${tenantId}::uuid and s.slug = 'server-1'`;
  await tx.$executeRaw`
    insert into entry_decision (tenant_id, review_id, server_id, kind, pin, name, verdict, risk, decided_by, decided_at)
    select v.tenant_id, v.id, v.server_id, e.kind, e.pin, e.name,
      (case when v.decided_at is null then 'pending' else 'approved' end)::verdict, 'read'::risk, ${personId}::uuid, v.decided_at
    from review v join revision_entry e on e.tenant_id = v.tenant_id and e.revision_id = v.revision_id
    where v.tenant_id = ${tenantId}::uuid and e.name like 'crowd_%'`;
}

/** Profiles that select and publish what the first one does; the group was given all of them, and one person owns them. */
async function addProfiles(tx: TenantTx, { tenantId, personId, siteId }: Ids): Promise<void> {
  await tx.$executeRaw`
    insert into profile select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'slug', 'crowd-' || n, 'name', 'Crowd ' || n,
      'owner_membership_id', ${personId}::text))).*
    from profile p cross join generate_series(1, ${CROWD}::int) n where p.tenant_id = ${tenantId}::uuid and p.slug = 'profile-1'`;
  await tx.$executeRaw`
    insert into profile_version (tenant_id, profile_id, number, document, content_hash, published_by)
    select c.tenant_id, c.id, v.number, v.document, v.content_hash, v.published_by from profile c join profile p on p.tenant_id = c.tenant_id and p.slug = 'profile-1'
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    where c.tenant_id = ${tenantId}::uuid and c.slug like 'crowd-%'`;
  await tx.$executeRaw`
    insert into profile_site (tenant_id, profile_id, site_id) select tenant_id, id, ${siteId}::uuid from profile
    where tenant_id = ${tenantId}::uuid and slug like 'crowd-%'`;
  await tx.$executeRaw`
    insert into profile_group (tenant_id, profile_id, group_id, granted_by)
    select p.tenant_id, p.id, g.id, ${personId}::uuid from profile p join person_group g using (tenant_id)
    where p.tenant_id = ${tenantId}::uuid and p.slug like 'crowd-%' and g.name = 'Support'`;
  await tx.$executeRaw`
    insert into profile_access (tenant_id, profile_id, membership_id, granted_by)
    select tenant_id, id, ${personId}::uuid, ${personId}::uuid from profile where tenant_id = ${tenantId}::uuid and slug like 'crowd-%'`;
  await tx.$executeRaw`
    insert into publish_request (tenant_id, id, profile_id, draft_revision, requested_by)
    select tenant_id, gen_random_uuid(), id, 1, ${personId}::uuid from profile where tenant_id = ${tenantId}::uuid and slug like 'crowd-%'`;
}
