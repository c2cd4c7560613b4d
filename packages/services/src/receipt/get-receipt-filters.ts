import { Outcome } from '@gatehouse/policy/decision';
import { CallMethod } from '@gatehouse/protocol/receipt';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { buildAdvertisedQuery } from './advertised-names.ts';
import type { NamedThing } from './receipt-names.ts';

export interface ReceiptFilters {
  /** the tools that were ever found by the server's own name, with the names under which profiles show them now. Untrusted text */
  tools: { name: string; shownAs: string[] }[];
  people: PersonName[];
  profiles: NamedThing[];
  outcomes: Outcome[];
  methods: CallMethod[];
}

/** What the audit list can be filtered by. Comes from the configuration, so it costs the same however many receipts there are. */
export async function getReceiptFilters({ ctx }: { ctx: ServiceContext }): Promise<ReceiptFilters> {
  authorize(ctx, 'receipt.own');
  const { tenantId, actor } = ctx;
  const membershipId = getActorId(actor);
  const own = isPermitted(actor, 'receipt.read') ? undefined : { some: { membershipId } };
  return read(ctx, async (tx) => {
    const profiles = await tx.profile.findMany({
      where: { tenantId, access: own },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      select: { id: true, slug: true, name: true },
    });
    const members = await tx.membership.findMany({
      where: { tenantId, id: own && membershipId, endedAt: null },
      select: { id: true },
    });
    const names = await getPersonNames(
      tx,
      tenantId,
      members.map(({ id }) => id),
    );
    const tools = own
      ? []
      : await tx.$queryRaw<{ name: string; shownAs: string[] }[]>`
          select found.name, coalesce(shown.names, '{}') as "shownAs"
          from (select distinct name from revision_entry where tenant_id = ${tenantId}::uuid and kind = 'tool') found
          left join (
            select own, array_agg(distinct advertised order by advertised) as names from (${buildAdvertisedQuery(tenantId)}) advertised
            where kind = 'tool' and advertised <> own group by own
          ) shown on shown.own = found.name
          order by found.name`;
    return {
      tools,
      people: members.map(({ id }) => names.get(id)).toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
      profiles,
      outcomes: [...Outcome.options],
      methods: [...CallMethod.options],
    };
  });
}
