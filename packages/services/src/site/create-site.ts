import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { EndpointUrl } from '@gatehouse/protocol/endpoint-url';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { chooseSlug, createSlugTakenError, NewSlug } from '../slug.ts';
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
  const { tenantId } = ctx;
  return mutate(ctx, async (m) => {
    const slug = given.slug ?? (await chooseSlug(name, 'site', (start) => listNamed(m.tx, tenantId, name, start)));
    const taken = await m.tx.site.findUnique({ where: { tenantId_slug: { tenantId, slug } }, select: { id: true } });
    if (taken) throw createSlugTakenError(slug);
    const { id } = await m.tx.site.create({ data: { tenantId, slug, name, endpointUrl } });
    await m.audit({ action: 'site.create', entityType: 'site', entityId: id, after: { slug, name, endpointUrl } });
    await writeConfiguration(m, ctx, id, 'site.create', EVERYTHING);
    return { id };
  });
}

/** The sites that one of this name could be taken for. One that was deleted keeps its slug, by which receipts name it, and gives its name free. */
async function listNamed(tx: TenantTx, tenantId: string, name: string, start: string) {
  const sites = await tx.site.findMany({
    where: { tenantId, OR: [{ slug: { startsWith: start } }, { name }] },
    select: { slug: true, name: true, endedAt: true },
  });
  return sites.map((site) => ({ slug: site.slug, name: site.endedAt === null ? site.name : '' }));
}
