import { z } from 'zod';

import { EndpointUrl, readEndpointUrl } from '@gatehouse/protocol/endpoint-url';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { createNameTakenError } from '../slug.ts';
import { lockSite } from './require-site.ts';

export const UpdateSite = z.strictObject({
  siteId: z.uuid(),
  name: createNameSchema(80),
  /** where AI clients reach the site's agents; null: what the agent reports */
  endpointUrl: EndpointUrl.nullable(),
  revision: SeenRevision,
});
export type UpdateSite = z.input<typeof UpdateSite>;

/**
 * Changes what a site is called and where AI clients reach it. Its slug stays, and agents hear nothing: the address is what the console tells people.
 * Throws `not_found`, `conflict` for a name that another site has, and EditConflictError when somebody else was first.
 */
export async function updateSite({ ctx, input }: { ctx: ServiceContext; input: UpdateSite }): Promise<{ revision: number }> {
  authorize(ctx, 'site.manage');
  const { siteId, name, endpointUrl, revision: seen } = parseInput(UpdateSite, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (m) => {
    const site = await lockSite(m.tx, tenantId, siteId);
    const before = { name: site.name, endpointUrl: readEndpointUrl(site.endpointUrl) };
    if (before.name === name && before.endpointUrl === endpointUrl) {
      m.reportUnchanged();
      return { revision: site.revision };
    }
    const revision = await countEdit(m.tx, ctx, {
      kind: 'site',
      noun: 'site',
      id: siteId,
      seen,
      actions: ['site.update'],
      readPresent: () => before,
    });
    const other = { tenantId, name, endedAt: null, id: { not: siteId } };
    if ((await m.tx.site.count({ where: other })) > 0) throw createNameTakenError(name, 'site');
    const after = { name, endpointUrl };
    await m.tx.site.update({ where: { tenantId_id: { tenantId, id: siteId } }, data: after });
    await m.audit({ action: 'site.update', entityType: 'site', entityId: siteId, before, after });
    m.signal('site', siteId);
    return { revision };
  });
}
