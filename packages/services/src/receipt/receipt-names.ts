import type { TenantTx } from '@gatehouse/db/tenant';

import { getDeletedNames } from '../deleted-names.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';

/** A thing that a receipt names by id, as it is called now, or was when it was deleted. */
export interface NamedThing {
  id: string;
  slug: string;
  name: string;
}

interface Ids {
  personId: string | null;
  serverId: string | null;
  profileId: string | null;
  agentId: string;
}

export interface ReceiptNames {
  findPerson(receipt: Ids): PersonName | null;
  findServer(receipt: Ids): NamedThing | null;
  findProfile(receipt: Ids): NamedThing | null;
  getAgent(receipt: Ids): { id: string; name: string | null; siteName: string | null };
}

/** Names are joined when receipts are read and are never stored with them; an id of another tenant finds nothing. */
export async function getReceiptNames(tx: TenantTx, tenantId: string, receipts: readonly Ids[]): Promise<ReceiptNames> {
  const idsOf = (pick: (receipt: Ids) => string | null) => [...new Set(receipts.map(pick).filter((id) => id !== null))];
  const select = { id: true, slug: true, name: true } as const;
  const people = await getPersonNames(
    tx,
    tenantId,
    receipts.map(({ personId }) => personId),
  );
  const [serverIds, profileIds] = [idsOf((r) => r.serverId), idsOf((r) => r.profileId)];
  const there = {
    server: await tx.server.findMany({ where: { tenantId, id: { in: serverIds } }, select }),
    profile: await tx.profile.findMany({ where: { tenantId, id: { in: profileIds } }, select }),
  };
  const addDeleted = async (kind: 'server' | 'profile', ids: readonly string[]): Promise<NamedThing[]> => {
    const rows = there[kind];
    const missing = ids.filter((id) => rows.every((row) => row.id !== id));
    const deleted = await getDeletedNames(tx, tenantId, kind, missing);
    return [...rows, ...deleted.values()];
  };
  const servers = await addDeleted('server', serverIds);
  const profiles = await addDeleted('profile', profileIds);
  const agents = await tx.agent.findMany({
    where: { tenantId, id: { in: idsOf((r) => r.agentId) } },
    select: { id: true, name: true, site: { select: { name: true } } },
  });
  const find = <T extends { id: string }>(rows: readonly T[]) => {
    const byId = new Map(rows.map((row) => [row.id, row]));
    return (id: string | null) => (id === null ? null : (byId.get(id) ?? null));
  };
  const [server, profile, agent] = [find(servers), find(profiles), find(agents)];
  return {
    findPerson: ({ personId }) => (personId === null ? null : people.get(personId)),
    findServer: ({ serverId }) => server(serverId),
    findProfile: ({ profileId }) => profile(profileId),
    getAgent: ({ agentId }) => {
      const found = agent(agentId);
      return { id: agentId, name: found?.name ?? null, siteName: found?.site.name ?? null };
    },
  };
}
