import { Outcome } from '@gatehouse/policy/decision';
import { CallMethod } from '@gatehouse/protocol/receipt';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import type { NamedThing } from './receipt-names.ts';

export interface ReceiptFilters {
  /** names of the tools that were ever found. Untrusted text */
  tools: string[];
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
      : await tx.$queryRaw<{ name: string }[]>`
          select distinct name from revision_entry where tenant_id = ${tenantId}::uuid and kind = 'tool' order by name`;
    return {
      tools: tools.map(({ name }) => name),
      people: members.map(({ id }) => names.get(id)).toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
      profiles,
      outcomes: [...Outcome.options],
      methods: [...CallMethod.options],
    };
  });
}
