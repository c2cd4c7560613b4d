import * as z from 'zod';

import { Prisma, type Server } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { getPersonNames, type PersonName } from '../../person-names.ts';

/** Revisions that are told of, the newest ones. */
const REVISIONS = 5;

/** What a server, or an imported description, says of itself; untrusted, and absent where it says nothing. */
const Declared = z.object({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
});

/** One look of an agent that found a revision: the last one at its site. */
export interface RevisionSight {
  siteName: string;
  /** null: removed since */
  agentName: string | null;
  at: Date;
}

/** The import that a revision of a REST API is of. */
export interface RevisionImport {
  by: PersonName;
  at: Date;
  /** "file", or the host that the description was read from */
  source: string;
  /** SHA-256 hex of the text of the description; null: imported before that was kept */
  textHash: string | null;
}

/** One revision: what it says of itself, who found it, and its size. */
export interface RevisionOrigin {
  number: number;
  /** declared by the server, or of an imported description its title and version */
  declared: z.infer<typeof Declared>;
  /** what was negotiated, or "openapi 3.1.0" */
  protocolVersion: string;
  foundAt: Date;
  /** who had an agent look; null: an agent saw it of its own accord, or it was imported */
  askedBy: PersonName | null;
  /** the last look of each site that found it, newest first: of the newest ten sites */
  seen: RevisionSight[];
  imported: RevisionImport | null;
  /** what the upstream at a former address of the server offered */
  isOfOtherAddress: boolean;
  /** SHA-256 hex over all that it offers, computed by the control plane */
  contentHash: string;
  tools: number;
  /** prompts, resources, templates and instructions */
  others: number;
  /** of all definitions as they were received, UTF-8 */
  bytes: number;
  /** against the revision before it, by kind and name; null: it is the first that is kept */
  change: { added: number; changed: number; removed: number } | null;
}

const Row = z.object({
  id: z.string(),
  number: z.int(),
  server_info: z.unknown(),
  protocol_version: z.string(),
  created_at: z.date(),
  content_hash: z.string(),
  asked_by: z.string().nullable(),
  tools: z.int(),
  others: z.int(),
  bytes: z.int(),
  before: z.string().nullable(),
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
});

/** The newest revisions of a server up to a number, newest first: at most five. */
export async function listRevisionOrigins(
  tx: TenantTx,
  { tenantId, id: serverId, formerRevisions }: Server,
  upTo: number | null,
): Promise<RevisionOrigin[]> {
  const rows = Row.array().parse(await readRevisions(tx, { tenantId, serverId }, upTo));
  const ids = rows.map(({ id }) => id);
  const sights = Map.groupBy(await readSights(tx, tenantId, ids), ({ revisionId }) => revisionId);
  const imports = await readImports(tx, { tenantId, serverId }, ids);
  const names = await getPersonNames(tx, tenantId, [...rows.map(({ asked_by }) => asked_by), ...imports.map(({ by }) => by)]);
  return rows.map((row) => {
    const imported = imports.find(({ revisionId }) => revisionId === row.id);
    const { added, changed, removed } = row;
    return {
      number: row.number,
      declared: Declared.catch({}).parse(row.server_info),
      protocolVersion: row.protocol_version,
      foundAt: row.created_at,
      askedBy: row.asked_by === null ? null : names.get(row.asked_by),
      seen: (sights.get(row.id) ?? []).map(({ siteName, agentName, at }) => ({ siteName, agentName, at })),
      imported: imported
        ? { by: names.get(imported.by), at: imported.at, source: imported.source, textHash: imported.textHash }
        : null,
      isOfOtherAddress: row.number <= formerRevisions,
      contentHash: row.content_hash,
      tools: row.tools,
      others: row.others,
      bytes: row.bytes,
      change: row.before === null ? null : { added, changed, removed },
    };
  });
}

/** With their sizes, and what each has that the one before it has not. */
function readRevisions(
  tx: TenantTx,
  { tenantId, serverId }: { tenantId: string; serverId: string },
  upTo: number | null,
): Promise<unknown[]> {
  const entriesOf = (revision: Prisma.Sql) => Prisma.sql`(
    select kind, name, pin from revision_entry where tenant_id = ${tenantId}::uuid and revision_id = ${revision})`;
  return tx.$queryRaw<unknown[]>`
    with newest as (
      select id, number, server_info, protocol_version, content_hash, created_at from server_revision
      where tenant_id = ${tenantId}::uuid and server_id = ${serverId}::uuid
        ${upTo === null ? Prisma.empty : Prisma.sql`and number <= ${upTo}`}
      order by number desc limit ${REVISIONS + 1}
    ), told as (select *, lead(id) over (order by number desc) as before from newest order by number desc limit ${REVISIONS})
    select told.*, asked.requested_by as asked_by, size.tools, size.others, size.bytes, difference.added, difference.changed, difference.removed
    from told
    left join lateral (
      select requested_by from discovery d where d.tenant_id = ${tenantId}::uuid and d.revision_id = told.id order by finished_at, id limit 1
    ) asked on true
    cross join lateral (
      select count(*) filter (where kind = 'tool')::int as tools, count(*) filter (where kind <> 'tool')::int as others,
        coalesce(sum(octet_length(definition::text)), 0)::int as bytes
      from revision_entry e where e.tenant_id = ${tenantId}::uuid and e.revision_id = told.id
    ) size
    cross join lateral (
      select count(*) filter (where was.pin is null)::int as added, count(*) filter (where own.pin is null)::int as removed,
        count(*) filter (where own.pin <> was.pin)::int as changed
      from ${entriesOf(Prisma.sql`told.id`)} own full join ${entriesOf(Prisma.sql`told.before`)} was on was.kind = own.kind and was.name = own.name
    ) difference
    order by told.number desc`;
}

/** Sites that are named of one revision. */
const SITES = 10;

function readSights(
  tx: TenantTx,
  tenantId: string,
  revisionIds: readonly string[],
): Promise<(RevisionSight & { revisionId: string })[]> {
  return tx.$queryRaw`
    select l.revision_id as "revisionId", s.name as "siteName", a.name as "agentName", l.looked_at as at
    from (
      select *, row_number() over (partition by revision_id order by looked_at desc, site_id) as place from revision_look
      where tenant_id = ${tenantId}::uuid and revision_id = any(${revisionIds}::uuid[])
    ) l
    join site s on s.tenant_id = l.tenant_id and s.id = l.site_id
    left join agent a on a.tenant_id = l.tenant_id and a.id = l.agent_id
    where l.place <= ${SITES}
    order by l.looked_at desc, s.id`;
}

interface ImportRow {
  revisionId: string;
  by: string;
  at: Date;
  source: string;
  textHash: string | null;
}

/** The newest import of each revision, by the admin log. */
function readImports(
  tx: TenantTx,
  { tenantId, serverId }: { tenantId: string; serverId: string },
  revisionIds: readonly string[],
): Promise<ImportRow[]> {
  return tx.$queryRaw<ImportRow[]>`
    select distinct on (a.after ->> 'revisionId') a.after ->> 'revisionId' as "revisionId", a.actor_id as by, a.at,
      coalesce(a.after ->> 'source', 'file') as source, a.after ->> 'textHash' as "textHash"
    from admin_audit a
    where a.tenant_id = ${tenantId}::uuid and a.entity_id = ${serverId} and a.actor_kind = 'person'
      and a.action = 'server.import_openapi' and a.after ->> 'revisionId' = any(${revisionIds})
    order by a.after ->> 'revisionId', a.at desc, a.id desc`;
}
