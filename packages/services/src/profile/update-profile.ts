import { z } from 'zod';

import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { requireSites } from '../server/sites.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { getPublishedVersions } from './publish/published-versions.ts';
import { listProfileSiteIds, lockProfile } from './require-profile.ts';

export const UpdateProfile = z.strictObject({
  profileId: z.uuid(),
  name: createNameSchema(80),
  description: z.string().trim().max(2_000),
  /** sites whose agents serve it */
  siteIds: z.array(z.uuid()).min(1).max(100),
  revision: SeenRevision,
});
export type UpdateProfile = z.input<typeof UpdateProfile>;

interface Values {
  name: string;
  description: string;
  siteIds: string[];
}

/**
 * Changes what a profile is called, what it is for, and where it is served. AI clients get name and description with the next version, sites count at
 * once: where something is published, whoever may not publish cannot change them. Throws EditConflictError when somebody else was first, `not_found`,
 * and `precondition` when a server of the published version is not reachable at a new site.
 */
export async function updateProfile({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: UpdateProfile;
}): Promise<{ revision: number }> {
  authorize(ctx, 'profile.edit');
  const { profileId, revision: seen, ...wanted } = parseInput(UpdateProfile, input);
  const after: Values = { ...wanted, siteIds: [...new Set(wanted.siteIds)].toSorted() };
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal, reportUnchanged } = mutation;
    const profile = await lockProfile(tx, tenantId, profileId);
    const siteIds = (await listProfileSiteIds(tx, tenantId, profileId)).toSorted();
    const before: Values = { name: profile.name, description: profile.description, siteIds };
    const changed = listChanged(before, after);
    if (changed.length === 0) {
      reportUnchanged();
      return { revision: profile.revision };
    }
    const edit = { kind: 'profile', noun: 'profile', id: profileId, seen, actions: ['profile.update'] } as const;
    const revision = await countEdit(tx, ctx, { ...edit, readPresent: () => before });
    await requireSites(tx, tenantId, after.siteIds);
    const added = after.siteIds.filter((id) => !siteIds.includes(id));
    const removed = siteIds.filter((id) => !after.siteIds.includes(id));
    if (changed.includes('siteIds')) await refuseSites(tx, ctx, profile, added);
    await audit({
      action: 'profile.update',
      entityType: 'profile',
      entityId: profileId,
      before: pickFields(before, changed),
      after: pickFields(after, changed),
    });
    const { name, description } = after;
    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data: { name, description } });
    await tx.profileSite.deleteMany({ where: { tenantId, profileId, siteId: { in: removed } } });
    await tx.profileSite.createMany({ data: added.map((siteId) => ({ tenantId, profileId, siteId })) });
    const change = { catalogue: true, people: 'all', keys: 'all' } as const;
    await writeConfigurations(mutation, ctx, [...added, ...removed], 'profile.update', change);
    signal('profile', profileId);
    return { revision };
  });
}

function listChanged(before: Values, after: Values): (keyof Values)[] {
  return (['name', 'description', 'siteIds'] as const).filter((key) => String(before[key]) !== String(after[key]));
}

const pickFields = (values: Values, keys: readonly (keyof Values)[]) => Object.fromEntries(keys.map((key) => [key, values[key]]));

/** What is published would be served there at once, and wholly. */
async function refuseSites(
  tx: TenantTx,
  ctx: ServiceContext,
  { id, publishedVersion }: Profile,
  added: readonly string[],
): Promise<void> {
  if (publishedVersion === null) return;
  const { tenantId } = ctx;
  if (!isPermitted(ctx.actor, 'profile.publish')) {
    throw new ServiceError(
      'not_permitted',
      'It is published, and another site counts at once. An admin or an owner changes where it is served.',
      {
        field: 'siteIds',
      },
    );
  }
  const document = (await getPublishedVersions(tx, tenantId, [id])).get(id)?.document;
  const serverIds = [...new Set(document?.entries.map(({ serverId }) => serverId))];
  const sites = await tx.site.findMany({ where: { tenantId, id: { in: [...added] } }, orderBy: { slug: 'asc' } });
  const servers = await tx.server.findMany({
    where: { tenantId, id: { in: serverIds } },
    orderBy: { name: 'asc' },
    select: { name: true, sites: { select: { siteId: true } } },
  });
  for (const site of sites) {
    const missing = servers.filter((server) => server.sites.every(({ siteId }) => siteId !== site.id)).map(({ name }) => name);
    if (missing.length === 0) continue;
    const names = new Intl.ListFormat('en').format(missing);
    const are = missing.length === 1 ? 'is' : 'are';
    throw new ServiceError(
      'precondition',
      `${names} ${are} not reachable at ${site.name}, so version ${publishedVersion} cannot be served there. Make it reachable there first.`,
      {
        field: 'siteIds',
      },
    );
  }
}
