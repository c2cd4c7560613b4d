import { randomUUID } from 'node:crypto';

import type { Database } from '@gatehouse/db/client';
import { runInTenant, type TenantTx } from '@gatehouse/db/tenant';
import { recordActs } from '@gatehouse/db/testing/acts';
import { computePin, hashContent } from '@gatehouse/policy/documents/content-hash';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { defineTool } from '@gatehouse/policy/testing/build';

export interface TenantSize {
  /** each has one key for one profile */
  people: number;
  servers: number;
  toolsPerServer: number;
  profiles: number;
  serversPerProfile: number;
}

const FILL_MS = 300_000;
/** About what a tool of a real server says of itself. */
const DESCRIPTION =
  'Finds the orders of a customer by number, state or time, newest first, with what was bought and what it cost. '.repeat(4);
const PROPERTIES = Object.fromEntries(
  ['orderId', 'customerId', 'state', 'since', 'until', 'limit'].map((name) => [
    name,
    { type: 'string', description: `What to look for in ${name}; leave it out to find all.` },
  ]),
);

/** Fills a site of a tenant with people, keys, servers and published profiles, as their verbs would have. `db` belongs to the owner. */
export async function fillTenant(db: Database, place: { tenantId: string; siteId: string }, size: TenantSize): Promise<void> {
  const { tenantId, siteId } = place;
  await runInTenant(
    db,
    tenantId,
    async (tx) => {
      const serverIds = await fillServers(tx, tenantId, siteId, size);
      await fillProfiles(tx, tenantId, siteId, serverIds, size);
      await fillPeople(tx, tenantId, size);
      await recordActs(tx, tenantId);
    },
    { timeoutMs: FILL_MS },
  );
  await db.prisma.$executeRaw`analyze`;
}

const listTools = ({ toolsPerServer }: TenantSize) =>
  Array.from({ length: toolsPerServer }, (_, index) => {
    const definition = defineTool(`tool_${index + 1}`, {
      description: DESCRIPTION,
      inputSchema: { type: 'object', properties: PROPERTIES },
    });
    return { name: definition.name, pin: computePin(definition), definition };
  });

async function fillServers(tx: TenantTx, tenantId: string, siteId: string, size: TenantSize): Promise<string[]> {
  const transport = { kind: 'http', url: 'http://127.0.0.1:3030/mcp', credential: null };
  const someone = randomUUID();
  const ids = Array.from({ length: size.servers }, () => randomUUID());
  await tx.server.createMany({
    data: ids.map((id, index) => {
      return {
        tenantId,
        id,
        slug: `server-${index + 1}`,
        name: `Server ${index + 1}`,
        purpose: 'Orders',
        transport,
        createdBy: someone,
      };
    }),
  });
  await tx.serverSite.createMany({ data: ids.map((serverId) => ({ tenantId, serverId, siteId })) });
  await tx.$executeRaw`
    insert into server_revision (tenant_id, id, server_id, number, protocol_version, server_info, content_hash)
    select tenant_id, gen_random_uuid(), id, 1, '2025-11-25', '{}', 'hash' from server where tenant_id = ${tenantId}::uuid`;
  const tools = JSON.stringify(listTools(size));
  await tx.$executeRaw`
    insert into revision_entry (tenant_id, revision_id, kind, name, pin, definition)
    select r.tenant_id, r.id, 'tool', tool ->> 'name', tool ->> 'pin', tool -> 'definition'
    from server_revision r cross join json_array_elements(${tools}::json) tool where r.tenant_id = ${tenantId}::uuid`;
  await tx.$executeRaw`
    insert into review (tenant_id, id, server_id, revision_id, state, requested_by, decided_at, valid_until)
    select tenant_id, gen_random_uuid(), server_id, id, 'decided', ${someone}::uuid, now(), now() + interval '90 days'
    from server_revision where tenant_id = ${tenantId}::uuid`;
  await tx.$executeRaw`
    insert into entry_decision (tenant_id, review_id, server_id, kind, pin, name, verdict, risk, decided_by, decided_at)
    select v.tenant_id, v.id, v.server_id, e.kind, e.pin, e.name, 'approved', 'read', ${someone}::uuid, now()
    from review v join revision_entry e on e.tenant_id = v.tenant_id and e.revision_id = v.revision_id
    where v.tenant_id = ${tenantId}::uuid`;
  return ids;
}

async function fillProfiles(
  tx: TenantTx,
  tenantId: string,
  siteId: string,
  serverIds: string[],
  size: TenantSize,
): Promise<void> {
  const tools = listTools(size);
  for (let index = 0; index < size.profiles; index += 1) {
    const id = randomUUID();
    const chosen = Array.from(
      { length: size.serversPerProfile },
      (_, step) => serverIds[(index * 3 + step) % serverIds.length] ?? '',
    );
    const entries = chosen.flatMap((serverId, place) =>
      tools.map(({ name, pin }) => ({ kind: 'tool', serverId, name, pin, advertisedName: `s${place}_${name}` })),
    );
    const document = PublishedProfile.parse({ name: `Profile ${index + 1}`, description: '', audit: 'durable', entries });
    const createdBy = randomUUID();
    await tx.profile.create({
      data: { tenantId, id, slug: `profile-${index + 1}`, name: document.name, draft: {}, publishedVersion: 1, createdBy },
    });
    await tx.profileVersion.create({
      data: { tenantId, profileId: id, number: 1, document, contentHash: hashContent(document), publishedBy: createdBy },
    });
    await tx.profileSite.create({ data: { tenantId, profileId: id, siteId } });
  }
}

async function fillPeople(tx: TenantTx, tenantId: string, { people }: TenantSize): Promise<void> {
  await tx.$executeRaw`
    with person as (
      insert into "user" (id, name) select gen_random_uuid(), 'Person ' || n from generate_series(1, ${people}::int) n returning id
    )
    insert into membership (tenant_id, id, user_id, email, role)
    select ${tenantId}::uuid, gen_random_uuid(), id, id || '@people.example', 'member' from person`;
  await tx.$executeRaw`
    with numbered as (select id, row_number() over () as n from membership where tenant_id = ${tenantId}::uuid),
      chosen as (select id, row_number() over () as n, count(*) over () as all_of_them from profile where tenant_id = ${tenantId}::uuid)
    insert into profile_access (tenant_id, profile_id, membership_id, granted_by)
    select ${tenantId}::uuid, chosen.id, numbered.id, numbered.id from numbered join chosen on chosen.n = numbered.n % all_of_them + 1`;
  await tx.$executeRaw`
    insert into client_key (tenant_id, id, membership_id, profile_id, name, key_hash, expires_at)
    select tenant_id, gen_random_uuid(), membership_id, profile_id, 'Laptop',
      encode(sha256(membership_id::text::bytea), 'hex'), now() + interval '90 days'
    from profile_access where tenant_id = ${tenantId}::uuid`;
}
