import { z } from 'zod';

import { EndpointUrl } from '@gatehouse/protocol/endpoint-url';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { createSlug, createSlugTakenError, NewSlug } from '../slug.ts';
import { EVERYTHING } from '../snapshot/parts/build-trees.ts';
import { writeConfiguration } from '../snapshot/write-configuration.ts';

export const CreateSite = z.strictObject({
  /** left out: made from the name */
  slug: NewSlug.optional(),
  name: createNameSchema(80),
  /** where AI clients reach the site's agents; null: what the agent reports */
  endpointUrl: EndpointUrl.nullable().default(null),
});
export type CreateSite = z.input<typeof CreateSite>;

/** Makes a site with its first, empty snapshot, so that its first agent has something to acknowledge. */
export async function createSite({ ctx, input }: { ctx: ServiceContext; input: CreateSite }): Promise<{ id: string }> {
  authorize(ctx, 'site.manage');
  const { name, endpointUrl, ...given } = parseInput(CreateSite, input);
  const slug = given.slug ?? createSlug(name);
  const { tenantId } = ctx;
  return mutate(ctx, async (m) => {
    const taken = await m.tx.site.findUnique({ where: { tenantId_slug: { tenantId, slug } }, select: { id: true } });
    if (taken) throw createSlugTakenError(slug);
    const { id } = await m.tx.site.create({ data: { tenantId, slug, name, endpointUrl } });
    await m.audit({ action: 'site.create', entityType: 'site', entityId: id, after: { slug, name, endpointUrl } });
    await writeConfiguration(m, ctx, id, 'site.create', EVERYTHING);
    return { id };
  });
}
