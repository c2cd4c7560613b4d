import { z } from 'zod';

import type { Role } from '@gatehouse/db/client';
import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { TenantColour } from '../tenant/tenant-look.ts';

export const ListTenants = z.strictObject({ userId: z.uuid() });
export type ListTenants = z.input<typeof ListTenants>;

export interface TenantOfPerson {
  slug: string;
  name: string;
  /** null: one that is made from the slug */
  colour: TenantColour | null;
  /** "Production": a word beside the name */
  environment: string | null;
  /** the operator has stopped everything in it since then */
  suspendedAt: Date | null;
  /** an owner has asked for its end, which comes then; everything in it is stopped */
  deleteAfter: Date | null;
  role: Role;
  email: string;
}

/** The workspaces that a person belongs to, by name, and the address by which each knows the person. */
export async function listTenants({ runtime, input }: { runtime: Runtime; input: ListTenants }): Promise<TenantOfPerson[]> {
  const { userId } = parseInput(ListTenants, input);
  const memberships = await runInLookup(runtime.db, { userId }, (tx) =>
    tx.membership.findMany({
      where: { userId, endedAt: null },
      select: { role: true, email: true, tenant: { select: LOOK } },
      orderBy: { tenant: { name: 'asc' } },
    }),
  );
  return memberships.map(({ role, email, tenant: { colour, ...tenant } }) => {
    return { ...tenant, colour: TenantColour.nullable().catch(null).parse(colour), role, email };
  });
}

const LOOK = { slug: true, name: true, colour: true, environment: true, suspendedAt: true, deleteAfter: true } as const;
