import type { Runtime } from '../runtime.ts';

/** Every workspace, by slug. What is in one is for its own people; that it exists is what the operator has to know. */
export function listWorkspaces(runtime: Runtime): Promise<{ id: string; slug: string }[]> {
  return runtime.db.prisma.tenant.findMany({ select: { id: true, slug: true }, orderBy: { slug: 'asc' } });
}
