import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { listStops, queryKeyStops, type Stop, WhatStopsOf } from '../list/what-stops.ts';

/** Some keys, or all of a person. */
export const GetKeyStops = z.union([WhatStopsOf, z.strictObject({ membershipId: z.uuid() })]);
export type GetKeyStops = z.input<typeof GetKeyStops>;

/** Which of these client keys work now, of which profile and person, and when each was used last. Those of others are as unknown to who may not manage keys. */
export async function getKeyStops({ ctx, input }: { ctx: ServiceContext; input: GetKeyStops }): Promise<Stop[]> {
  authorize(ctx, 'client_key.own');
  const asked = parseInput(GetKeyStops, input);
  const { tenantId, actor, runtime } = ctx;
  const which =
    'ids' in asked ? Prisma.sql`k.id = any(${asked.ids}::uuid[])` : Prisma.sql`k.membership_id = ${asked.membershipId}::uuid`;
  const own = isPermitted(actor, 'client_key.manage')
    ? Prisma.empty
    : Prisma.sql`and k.membership_id::text = ${getActorId(actor)}`;
  return read(ctx, async (tx) => listStops(tx, [queryKeyStops(tenantId, runtime.now(), Prisma.sql`${which} ${own}`)]));
}
