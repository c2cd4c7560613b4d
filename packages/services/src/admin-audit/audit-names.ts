import { z } from 'zod';

import type { AdminAudit } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { getPersonNames, IS_ID } from '../person-names.ts';

/** What an id of the log stands for, as it is called now or was when it was deleted. */
export interface AuditName {
  kind:
    | 'person'
    | 'invitation'
    | 'server'
    | 'profile'
    | 'site'
    | 'agent'
    | 'client_key'
    | 'join_token'
    | 'group'
    | 'review'
    | 'workspace';
  name: string;
  /** by what its page is found: a slug, or an id. Null where it has no page, or none any more */
  ref: string | null;
}

const Before = z.object({ name: z.string() });
const DELETED = ['server.delete', 'profile.delete', 'agent.delete', 'site.delete'] as const;
const KIND_OF = { server: 'server', profile: 'profile', agent: 'agent', site: 'site' } as const;
const KIND = z.enum(['server', 'profile', 'agent', 'site']);
const MOST_IDS = 2_000;

/** Names of everything that these entries name by an id: who acted, on what, and what stands in their details. */
export async function getAuditNames(
  tx: TenantTx,
  tenantId: string,
  entries: readonly Pick<AdminAudit, 'actorId' | 'entityId' | 'before' | 'after'>[],
): Promise<ReadonlyMap<string, AuditName>> {
  const found = new Set<string>();
  for (const { actorId, entityId, before, after } of entries) collectIds([actorId, entityId, before, after], found);
  const ids = [...found].slice(0, MOST_IDS);
  const here = { tenantId, id: { in: ids } };
  const [slugged, named] = [
    { where: here, select: { id: true, name: true, slug: true } },
    { where: here, select: { id: true, name: true } },
  ] as const;
  const names: [string, AuditName][] = [
    ...(await listDeleted(tx, tenantId, ids)),
    ...(await tx.tenant.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } })).map(
      toEntry('workspace', null),
    ),
    ...(await tx.server.findMany(slugged)).map(toEntry('server', 'slug')),
    ...(await tx.profile.findMany(slugged)).map(toEntry('profile', 'slug')),
    ...(await tx.site.findMany({ ...slugged, where: { ...here, endedAt: null } })).map(toEntry('site', 'slug')),
    ...(await tx.agent.findMany(named)).map(toEntry('agent', 'id')),
    ...(await tx.personGroup.findMany(named)).map(toEntry('group', 'id')),
    ...(await listPeople(tx, tenantId, ids)),
    ...(await listOthers(tx, tenantId, ids)),
  ];
  return new Map(names);
}

function collectIds(value: unknown, into: Set<string>): void {
  if (typeof value === 'string' && IS_ID.test(value)) into.add(value);
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collectIds(part, into);
}

const toEntry =
  (kind: AuditName['kind'], by: 'slug' | 'id' | null) =>
  (row: { id: string; name: string; slug?: string }): [string, AuditName] => [
    row.id,
    { kind, name: row.name, ref: by === null ? null : by === 'id' ? row.id : (row.slug ?? null) },
  ];

async function listDeleted(tx: TenantTx, tenantId: string, ids: string[]): Promise<[string, AuditName][]> {
  const acts = await tx.adminAudit.findMany({
    where: { tenantId, entityId: { in: ids }, actorKind: 'person', action: { in: [...DELETED] } },
    select: { entityId: true, entityType: true, before: true },
  });
  return acts.flatMap(({ entityId, entityType, before }): [string, AuditName][] => {
    const [kind, was] = [KIND.safeParse(entityType).data, Before.safeParse(before).data];
    return kind && was ? [[entityId, { kind: KIND_OF[kind], name: was.name, ref: null }]] : [];
  });
}

async function listPeople(tx: TenantTx, tenantId: string, ids: string[]): Promise<[string, AuditName][]> {
  const members = await tx.membership.findMany({ where: { tenantId, id: { in: ids } }, select: { id: true } });
  const people = await getPersonNames(
    tx,
    tenantId,
    members.map(({ id }) => id),
  );
  return members.map(({ id }) => [id, { kind: 'person', name: people.get(id).name, ref: people.get(id).email }]);
}

async function listOthers(tx: TenantTx, tenantId: string, ids: string[]): Promise<[string, AuditName][]> {
  const where = { tenantId, id: { in: ids } };
  const keys = await tx.clientKey.findMany({ where, select: { id: true, name: true, membershipId: true } });
  const people = await getPersonNames(
    tx,
    tenantId,
    keys.map(({ membershipId }) => membershipId),
  );
  const tokens = await tx.joinToken.findMany({ where, select: { id: true, agentName: true } });
  const links = await tx.accountToken.findMany({ where, select: { id: true, email: true } });
  const reviews = await tx.review.findMany({
    where,
    select: { id: true, server: { select: { name: true } }, revision: { select: { number: true } } },
  });
  return [
    ...keys.map(({ id, name, membershipId }): [string, AuditName] => [
      id,
      { kind: 'client_key', name: `${name} of ${people.get(membershipId).name}`, ref: null },
    ]),
    ...tokens.map(({ id, agentName }): [string, AuditName] => [id, { kind: 'join_token', name: `for ${agentName}`, ref: id }]),
    ...links.map(({ id, email }): [string, AuditName] => [id, { kind: 'invitation', name: email, ref: null }]),
    ...reviews.map(({ id, server, revision }): [string, AuditName] => [
      id,
      { kind: 'review', name: `${server.name} r${revision.number}`, ref: id },
    ]),
  ];
}
