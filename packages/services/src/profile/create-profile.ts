import { z } from 'zod';

import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { requireSites } from '../server/sites.ts';
import { createSlug, createSlugTakenError, NewSlug } from '../slug.ts';

export const CreateProfile = z.strictObject({
  name: createNameSchema(80),
  /** left out: made from the name. Part of the endpoint's URL, so it stays */
  slug: NewSlug.optional(),
  description: z.string().trim().max(2_000).default(''),
  /** sites whose agents serve it */
  siteIds: z.array(z.uuid()).min(1).max(100),
});
export type CreateProfile = z.input<typeof CreateProfile>;

/** An empty profile: nothing is selected, nobody has access, nothing is served. Throws `conflict` when the slug is taken. */
export async function createProfile({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: CreateProfile;
}): Promise<{ id: string; slug: string }> {
  authorize(ctx, 'profile.edit');
  const { name, description, siteIds, ...given } = parseInput(CreateProfile, input);
  const slug = given.slug ?? createSlug(name);
  const { tenantId } = ctx;

  return mutate(ctx, async ({ tx, audit, signal }) => {
    await requireSites(tx, tenantId, siteIds);
    const [profile] = await tx.profile.createManyAndReturn({
      data: { tenantId, slug, name, description, draft: ProfileDraft.parse({}), createdBy: getActorId(ctx.actor) },
      skipDuplicates: true,
    });
    if (!profile) throw createSlugTakenError(slug);
    await tx.profileSite.createMany({
      data: [...new Set(siteIds)].map((siteId) => ({ tenantId, profileId: profile.id, siteId })),
    });
    await audit({ action: 'profile.create', entityType: 'profile', entityId: profile.id, after: { slug, name, siteIds } });
    signal('profile', profile.id);
    return { id: profile.id, slug };
  });
}
