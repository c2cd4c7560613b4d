import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { getPersonNames } from '../person-names.ts';
import { TenantColour } from './tenant-look.ts';

export interface WorkspaceView {
  slug: string;
  name: string;
  /** null: one that is made from the slug */
  colour: TenantColour | null;
  environment: string | null;
  createdAt: Date;
  /** that an edit is based on */
  revision: number;
  /** since when the operator has stopped everything in it; null: that is not so */
  suspendedAt: Date | null;
  /** null unless an owner has asked for its end */
  deletion: { askedAt: Date; askedBy: string | null; deleteAfter: Date } | null;
}

/** The workspace itself: what it is called, how it looks, and whether it goes on. */
export async function getWorkspace({ ctx }: { ctx: ServiceContext }): Promise<WorkspaceView> {
  authorize(ctx, 'tenant.read');
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const tenant = await tx.tenant.findUniqueOrThrow({ where: { id: tenantId } });
    const { slug, name, environment, createdAt, revision, suspendedAt, deletionAskedAt, deleteAfter } = tenant;
    return {
      slug,
      name,
      environment,
      createdAt,
      revision,
      suspendedAt,
      colour: TenantColour.nullable().catch(null).parse(tenant.colour),
      deletion:
        deletionAskedAt === null || deleteAfter === null
          ? null
          : { askedAt: deletionAskedAt, deleteAfter, askedBy: await findAsker(tx, tenantId) },
    };
  });
}

async function findAsker(tx: TenantTx, tenantId: string): Promise<string | null> {
  const act = await tx.adminAudit.findFirst({
    where: { tenantId, entityId: tenantId, actorKind: 'person', action: 'tenant.request_deletion' },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    select: { actorId: true },
  });
  return act && (await getPersonNames(tx, tenantId, [act.actorId])).get(act.actorId).name;
}
