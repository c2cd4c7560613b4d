import { z } from 'zod';

import type { Server } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { AddressSlug } from '../address.ts';
import { createNotFoundError } from '../errors.ts';

/** A server by its id or by its slug. */
export const ServerRef = z.union([z.strictObject({ serverId: z.uuid() }), z.strictObject({ slug: AddressSlug })]);
export type ServerRef = z.infer<typeof ServerRef>;

/** Throws `not_found`. */
export async function requireServer(tx: TenantTx, tenantId: string, ref: ServerRef): Promise<Server> {
  const server = await tx.server.findUnique({
    where: 'slug' in ref ? { tenantId_slug: { tenantId, slug: ref.slug } } : { tenantId_id: { tenantId, id: ref.serverId } },
  });
  if (!server) throw createNotFoundError('server');
  return server;
}

/** Takes the row lock under which revisions, reviews and the server itself change. Throws `not_found`. */
export async function lockServer(tx: TenantTx, tenantId: string, serverId: string): Promise<Server> {
  await tx.$queryRaw`select 1 from server where tenant_id = ${tenantId}::uuid and id = ${serverId}::uuid for update`;
  return requireServer(tx, tenantId, { serverId });
}
