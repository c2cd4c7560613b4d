import { z } from 'zod';

import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { lockTenant } from './stop-tenant.ts';
import { Environment, TenantColour } from './tenant-look.ts';

export const UpdateWorkspace = z.strictObject({
  name: createNameSchema(80),
  /** null: one that is made from the slug */
  colour: TenantColour.nullable(),
  /** null: no word beside the name */
  environment: Environment.nullable(),
  revision: SeenRevision,
});
export type UpdateWorkspace = z.input<typeof UpdateWorkspace>;

/** Changes what the workspace is called and how it looks; its slug, which stands in every address, stays. Throws EditConflictError when somebody else was first. */
export async function updateWorkspace({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: UpdateWorkspace;
}): Promise<{ revision: number }> {
  authorize(ctx, 'tenant.manage');
  const { revision: seen, ...after } = parseInput(UpdateWorkspace, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (m) => {
    const tenant = await lockTenant(m.tx, tenantId);
    const { name, environment } = tenant;
    const before = { name, colour: TenantColour.nullable().catch(null).parse(tenant.colour), environment };
    if (toCanonicalJson(before) === toCanonicalJson(after)) {
      m.reportUnchanged();
      return { revision: tenant.revision };
    }
    const revision = await countEdit(m.tx, ctx, {
      kind: 'tenant',
      noun: 'workspace',
      id: tenantId,
      seen,
      actions: ['tenant.update'],
      readPresent: () => before,
    });
    await m.tx.tenant.update({ where: { id: tenantId }, data: after });
    await m.audit({ action: 'tenant.update', entityType: 'tenant', entityId: tenantId, before, after });
    m.signal('tenant', tenantId);
    return { revision };
  });
}
