import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { identifyUpstream } from '@gatehouse/policy/upstream';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { chooseSlug, createNameTakenError, createSlugTakenError, NewSlug } from '../slug.ts';
import { NewServerLimits } from './new-server-limits.ts';
import { NewTransport } from './new-transport.ts';
import { requireSites } from './sites.ts';

export const CreateServer = z.strictObject({
  name: createNameSchema(80),
  /** left out: made from the name */
  slug: NewSlug.optional(),
  transport: NewTransport,
  /** "What will people use it for?", for the reviewer */
  purpose: z.string().trim().min(1).max(500),
  /** how long it may take; left out: the defaults */
  limits: NewServerLimits.optional(),
  /** sites whose agents reach it */
  siteIds: z.array(z.uuid()).min(1).max(100),
});
export type CreateServer = z.input<typeof CreateServer>;

/**
 * Registers an upstream server. Nothing of it is callable until a discovery was reviewed. Throws `conflict` when the slug, or a name without
 * one, is taken.
 */
export async function createServer({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: CreateServer;
}): Promise<{ id: string; slug: string }> {
  authorize(ctx, 'server.create');
  const { name, transport, purpose, siteIds, limits, ...given } = parseInput(CreateServer, input);
  const { tenantId } = ctx;

  return mutate(ctx, async ({ tx, audit, signal }) => {
    await requireSites(tx, tenantId, siteIds);
    const slug = given.slug ?? (await chooseSlug(name, 'server', (start) => listNamed(tx, tenantId, name, start)));
    const [id, auditId] = [randomUUID(), createActId()];
    const subject = { entityType: 'server', entityId: id };
    await audit({
      id: auditId,
      action: 'server.create',
      ...subject,
      after: { slug, name, transport, siteIds, ...(limits && { limits }) },
    });
    const { count } = await tx.server.createMany({
      data: [
        {
          tenantId,
          id,
          slug,
          name,
          transport,
          upstream: identifyUpstream(transport),
          purpose,
          createdBy: getActorId(ctx.actor),
          ownerMembershipId: getActorId(ctx.actor),
          auditId,
          ...(limits && { limits, limitsAuditId: auditId }),
        },
      ],
      skipDuplicates: true,
    });
    if (count === 0) throw given.slug ? createSlugTakenError(slug) : createNameTakenError(name, 'server');
    await tx.serverSite.createMany({ data: [...new Set(siteIds)].map((siteId) => ({ tenantId, serverId: id, siteId })) });
    signal('server', id);
    return { id, slug };
  });
}

/** The servers that one of this name could be taken for. */
async function listNamed(tx: TenantTx, tenantId: string, name: string, start: string) {
  return tx.server.findMany({
    where: { tenantId, OR: [{ slug: { startsWith: start } }, { name }] },
    select: { slug: true, name: true },
  });
}
