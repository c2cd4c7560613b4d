import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import { Outcome } from '@gatehouse/policy/decision';
import { CallMethod } from '@gatehouse/protocol/receipt';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { type PersonName, getPersonNames, MEMBER_NAME } from '../person-names.ts';
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

/** Of tools, people and profiles so many are offered; who looks for another one types a part of its name. */
const MOST = 50;

export const GetReceiptFilters = z
  .strictObject({
    /** words of the tools, of the people and of the profiles that are looked for */
    tool: z.string().max(200).optional(),
    person: z.string().max(200).optional(),
    profile: z.string().max(200).optional(),
    /** ids of the person and the profile that are chosen: offered whatever is looked for */
    personId: z.string().max(100).optional(),
    profileId: z.string().max(100).optional(),
  })
  .prefault({});
export type GetReceiptFilters = z.input<typeof GetReceiptFilters>;

/** What the audit list can be filtered by, the first of each kind by name. Comes from the configuration, so it costs the same however many receipts there are. */
export async function getReceiptFilters({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input?: GetReceiptFilters;
}): Promise<ReceiptFilters> {
  authorize(ctx, 'receipt.own');
  const sought = parseInput(GetReceiptFilters, input);
  const { tenantId, actor } = ctx;
  const membershipId = getActorId(actor);
  const own = isPermitted(actor, 'receipt.read') ? undefined : membershipId;
  return read(ctx, async (tx) => {
    const profiles = await tx.$queryRaw<NamedThing[]>`
      select p.id, p.slug, p.name from profile p where p.tenant_id = ${tenantId}::uuid
        ${buildWhen(
          own,
          (id) => Prisma.sql`exists (select from profile_access has
            where has.tenant_id = p.tenant_id and has.profile_id = p.id and has.membership_id = ${id}::uuid)`,
        )}
        and (p.id::text = ${sought.profileId ?? ''} or true ${buildSearchCondition([Prisma.sql`p.name`], sought.profile)})
      order by p.id::text = ${sought.profileId ?? ''} desc, lower(p.name), p.id limit ${MOST}`;
    const members = await tx.$queryRaw<{ id: string }[]>`
      select m.id from membership m join "user" u on u.id = m.user_id
      where m.tenant_id = ${tenantId}::uuid and m.ended_at is null
        ${buildWhen(own, (id) => Prisma.sql`m.id = ${id}::uuid`)}
        and (m.id::text = ${sought.personId ?? ''} or true ${buildSearchCondition([MEMBER_NAME, Prisma.sql`m.email`], sought.person)})
      order by m.id::text = ${sought.personId ?? ''} desc, lower(${MEMBER_NAME}), m.id limit ${MOST}`;
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
          where true ${buildSearchCondition([Prisma.sql`found.name`, Prisma.sql`array_to_string(shown.names, ' ')`], sought.tool)}
          order by found.name limit ${MOST}`;
    return {
      tools,
      people: members.map(({ id }) => names.get(id)),
      profiles,
      outcomes: [...Outcome.options],
      methods: [...CallMethod.options],
    };
  });
}
