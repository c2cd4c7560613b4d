import { z } from 'zod';

import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { requireSites } from '../server/sites.ts';
import { createSlug, createSlugTakenError, NewSlug } from '../slug.ts';
import { requireProfile } from './require-profile.ts';

export const CreateProfile = z.strictObject({
  name: createNameSchema(80),
  /** left out: made from the name. Part of the endpoint's URL, so it stays */
  slug: NewSlug.optional(),
  description: z.string().trim().max(2_000).default(''),
  /** sites whose agents serve it */
  siteIds: z.array(z.uuid()).min(1).max(100),
  /** id of the profile whose draft it starts with. Access, versions and keys are not copied */
  copyOf: z.uuid().optional(),
});
export type CreateProfile = z.input<typeof CreateProfile>;

/**
 * A profile to which nobody has access and of which nothing is served; nothing is selected either, unless it is a copy. Throws `conflict` when the slug
 * is taken, and `not_found`.
 */
export async function createProfile({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: CreateProfile;
}): Promise<{ id: string; slug: string }> {
  authorize(ctx, 'profile.edit');
  const { name, description, siteIds, copyOf, ...given } = parseInput(CreateProfile, input);
  const slug = given.slug ?? createSlug(name);
  const { tenantId } = ctx;

  return mutate(ctx, async ({ tx, audit, signal }) => {
    await requireSites(tx, tenantId, siteIds);
    const copied = copyOf === undefined ? {} : (await requireProfile(tx, tenantId, { profileId: copyOf })).draft;
    const draft = { ...ProfileDraft.parse(copied), setAside: [] };
    const [profile] = await tx.profile.createManyAndReturn({
      data: {
        tenantId,
        slug,
        name,
        description,
        draft,
        createdBy: getActorId(ctx.actor),
        ownerMembershipId: getActorId(ctx.actor),
      },
      skipDuplicates: true,
    });
    if (!profile) throw createSlugTakenError(slug);
    await tx.profileSite.createMany({
      data: [...new Set(siteIds)].map((siteId) => ({ tenantId, profileId: profile.id, siteId })),
    });
    await audit({
      action: 'profile.create',
      entityType: 'profile',
      entityId: profile.id,
      after: { slug, name, siteIds, ...(copyOf && { copyOf }) },
    });
    signal('profile', profile.id);
    return { id: profile.id, slug };
  });
}
