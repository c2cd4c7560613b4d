import { randomUUID } from 'node:crypto';

import type { Actor, ServiceContext } from '../context.ts';
import type { Runtime } from '../runtime.ts';

/** Context of an agent or a system actor inside a tenant that was found by a presented key. */
export function contextFor(runtime: Runtime, tenant: { id: string; slug: string }, actor: Actor): ServiceContext {
  return { runtime, tenantId: tenant.id, tenantSlug: tenant.slug, actor, requestId: randomUUID() };
}
