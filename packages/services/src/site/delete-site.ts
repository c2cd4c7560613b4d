import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { lockSite } from './require-site.ts';

export const DeleteSite = z.strictObject({ siteId: z.uuid() });
export type DeleteSite = z.input<typeof DeleteSite>;

/**
 * Takes a site away at which nothing is left: no agent that may connect, no server, no profile. Join tokens that nobody has used end with it. What was
 * called there keeps its name, and so no other site gets its slug. Throws `not_found`, and `conflict` that names what is still there.
 */
export async function deleteSite({ ctx, input }: { ctx: ServiceContext; input: DeleteSite }): Promise<void> {
  authorize(ctx, 'site.manage');
  const { siteId } = parseInput(DeleteSite, input);
  const { tenantId, runtime } = ctx;
  await mutate(ctx, async (m) => {
    const site = await lockSite(m.tx, tenantId, siteId);
    const endedAt = runtime.now();
    // first the tokens: an enrolment that was under way has made its agent when they are ended, and one that comes later finds none
    const tokens = await m.tx.joinToken.updateManyAndReturn({
      where: { tenantId, siteId, usedAt: null, revokedAt: null },
      data: { revokedAt: endedAt },
      select: { id: true },
    });
    const left = await describeLeft(m.tx, tenantId, siteId);
    if (left !== null) throw new ServiceError('conflict', `${site.name} cannot be deleted: ${left}`);
    await m.tx.site.update({ where: { tenantId_id: { tenantId, id: siteId } }, data: { endedAt } });
    const { slug, name } = site;
    await m.audit({ action: 'site.delete', entityType: 'site', entityId: siteId, before: { slug, name } });
    m.signal('site', siteId);
    for (const { id } of tokens) m.signal('join_token', id);
  });
}

const SHOWN = 3;
const ENDED = { name: true, archivedAt: true } as const;

function nameLeft({ name, archivedAt }: { name: string; archivedAt: Date | null }): string {
  return archivedAt === null ? name : `${name} (archived)`;
}

/** "Orders and Billing are reachable there. Take them …": all that is there, a few of each by name. Null when nothing is. */
async function describeLeft(tx: TenantTx, tenantId: string, siteId: string): Promise<string | null> {
  const here = { tenantId, siteId };
  const agents = await tx.agent.findMany({
    where: { ...here, revokedAt: null },
    select: { name: true },
    orderBy: { name: 'asc' },
  });
  const servers = await tx.serverSite.findMany({ where: here, select: { server: { select: ENDED } } });
  const profiles = await tx.profileSite.findMany({ where: here, select: { profile: { select: ENDED } } });
  const parts = [
    describePart(
      profiles.map(({ profile }) => nameLeft(profile)),
      'is served there: take the site out of the profile, or delete it',
      'are served there: take the site out of each profile, or delete it',
    ),
    describePart(
      servers.map(({ server }) => nameLeft(server)),
      'is used there: take the site out of the server, or delete it',
      'are used there: take the site out of each server, or delete it',
    ),
    describePart(
      agents.map(({ name }) => name),
      'runs there: revoke the agent',
      'run there: revoke each agent',
    ),
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : `${parts.join('; ')} first.`;
}

function describePart(names: readonly string[], one: string, several: string): string | null {
  if (names.length === 0) return null;
  const more = names.length - SHOWN;
  const shown = [...names.slice(0, SHOWN), ...(more > 0 ? [`${more} more`] : [])];
  return `${new Intl.ListFormat('en').format(shown)} ${names.length === 1 ? one : several}`;
}
