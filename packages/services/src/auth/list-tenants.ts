import { z } from 'zod';

import type { Role } from '@gatehouse/db/client';
import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

export const ListTenants = z.strictObject({ userId: z.uuid() });
export type ListTenants = z.input<typeof ListTenants>;

/** The workspaces that a person belongs to, by name, and the address by which each knows the person. */
export async function listTenants({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: ListTenants;
}): Promise<{ slug: string; name: string; role: Role; email: string }[]> {
  const { userId } = parseInput(ListTenants, input);
  const memberships = await runInLookup(runtime.db, { userId }, (tx) =>
    tx.membership.findMany({
      where: { userId, endedAt: null },
      select: { role: true, email: true, tenant: { select: { slug: true, name: true } } },
      orderBy: { tenant: { name: 'asc' } },
    }),
  );
  return memberships.map(({ role, email, tenant }) => ({ slug: tenant.slug, name: tenant.name, role, email }));
}
