import type { TenantTx } from '@gatehouse/db/tenant';

import { AddressId } from '../address.ts';
import { getDeletedNames } from '../deleted-names.ts';
import { getPersonNames } from '../person-names.ts';

interface Subject {
  subjectKind: string;
  subjectId: string;
  /** of a tool: its name at its server */
  subjectName: string | null;
}

/**
 * What the subjects of entries are called now, or were when they were deleted: "laptop of Mia", "helsinki-01", "Orders: delete_order". Null where
 * nothing is known of that id any more: an entry outlives what it is about.
 */
export async function getSubjectNames(
  tx: TenantTx,
  tenantId: string,
  subjects: readonly Subject[],
): Promise<{ get(subject: Subject): string | null }> {
  // what an agent brought back may name its subject by anything
  const listIds = (...kinds: string[]) =>
    subjects.flatMap(({ subjectKind, subjectId }) => (kinds.includes(subjectKind) ? AddressId.parse(subjectId) : []));
  const query = (...kinds: string[]) => ({
    where: { tenantId, id: { in: listIds(...kinds) } },
    select: { id: true, name: true },
  });
  const keyQuery = query('key', 'session');
  const keys = await tx.clientKey.findMany({ ...keyQuery, select: { ...keyQuery.select, membershipId: true } });
  const people = await getPersonNames(tx, tenantId, [
    ...listIds('person', 'session'),
    ...keys.map(({ membershipId }) => membershipId),
  ]);
  const deleted = [
    ...(await getDeletedNames(tx, tenantId, 'server', listIds('server', 'tool'))).values(),
    ...(await getDeletedNames(tx, tenantId, 'profile', listIds('profile'))).values(),
    ...(await getDeletedNames(tx, tenantId, 'agent', listIds('agent'))).values(),
  ];
  const named = [
    ...deleted,
    ...keys.map(({ id, name, membershipId }) => ({ id, name: `${name} of ${people.get(membershipId).name}` })),
    ...listIds('person').map((id) => people.get(id)),
    ...listIds('session').flatMap((id) => (keys.some((key) => key.id === id) ? [] : people.get(id))),
    ...(await tx.agent.findMany(query('agent'))),
    ...(await tx.server.findMany(query('server', 'tool'))),
    ...(await tx.profile.findMany(query('profile'))),
  ];
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return {
    get: ({ subjectId, subjectName }) =>
      [names.get(subjectId), subjectName ?? undefined].filter((part) => part !== undefined).join(': ') || null,
  };
}
