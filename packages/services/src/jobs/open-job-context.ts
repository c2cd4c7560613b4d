import { createContext, type ServiceContext } from '../context.ts';
import { createNotFoundError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { TenantJobName } from './contracts.ts';

/** The context of a job in the tenant that its payload names. Throws `not_found` for a tenant that does not exist: such a job dies. */
export async function openJobContext({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: { job: TenantJobName; tenantId: string };
}): Promise<ServiceContext> {
  const tenant = await runtime.db.prisma.tenant.findUnique({ where: { id: input.tenantId } });
  if (!tenant) throw createNotFoundError('workspace');
  return createContext(runtime, tenant, { kind: 'system', job: input.job });
}
