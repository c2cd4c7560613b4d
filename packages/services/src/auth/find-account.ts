import { z } from 'zod';

import type { User } from '@gatehouse/db/client';
import { presentKey, runInLookup, type TenantTx } from '@gatehouse/db/tenant';

import type { Runtime } from '../runtime.ts';

/** Which workspace somebody means, whether there is one or not: several may have invited the same address. */
export const WorkspaceSlug = z.string().max(100).nullable().default(null);

/**
 * The one account that an address means: in a workspace its member, without one whoever proved the address. Never who was invited under it
 * first. One, so that an attempt takes as long whoever else was invited.
 */
export async function findAccount(runtime: Runtime, email: string, workspace: string | null): Promise<User | null> {
  return runInLookup(runtime.db, { lookup: email }, async (tx) => {
    const slug = workspace ?? (await findOnlyWorkspace(tx));
    const found =
      slug === null
        ? await tx.userEmail.findUnique({ where: { email } })
        : await tx.membership.findFirst({ where: { email, endedAt: null, tenant: { slug } } });
    if (!found) return null;
    await presentKey(tx, { userId: found.userId });
    return tx.user.findUnique({ where: { id: found.userId } });
  });
}

/** The workspace that somebody means: the one that is named, or the only one. */
export async function findWorkspace({ db }: Runtime, workspace: string | null): Promise<{ id: string; slug: string } | null> {
  const slug = workspace ?? (await findOnlyWorkspace(db.prisma));
  return slug === null ? null : db.prisma.tenant.findUnique({ where: { slug }, select: { id: true, slug: true } });
}

/** True when people have to say to which workspace they sign in. */
export async function hasManyWorkspaces({ db }: Runtime): Promise<boolean> {
  return (await findOnlyWorkspace(db.prisma)) === null;
}

/** Slug of the workspace of a console that has one and no other. */
async function findOnlyWorkspace({ tenant }: Pick<TenantTx, 'tenant'>): Promise<string | null> {
  const [first, second] = await tenant.findMany({ select: { slug: true }, take: 2 });
  return first && !second ? first.slug : null;
}
