import { type Actor, createContext, type ServiceContext } from '../context.ts';
import { createNotFoundError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

/** The context in which the operator acts in one workspace. Throws `not_found`. */
export async function openOperatorContext(runtime: Runtime, tenantSlug: string): Promise<ServiceContext> {
  const actor: Actor = { kind: 'system', job: 'operator' };
  const tenant = await runtime.db.prisma.tenant.findUnique({ where: { slug: tenantSlug } });
  if (!tenant) throw createNotFoundError('workspace');
  return createContext(runtime, tenant, actor);
}
