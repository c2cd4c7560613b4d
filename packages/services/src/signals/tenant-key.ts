import { z } from 'zod';

/** Stands for all tenants in a pattern subscription. */
export const EVERY_TENANT = '*';

const TenantId = z.uuid();
const Name = z.string().regex(/^[a-z][a-z-]{0,40}$/);

/**
 * The one place that names Redis keys and channels: `t:<tenant>:<name>`. Throws on anything but a uuid (or EVERY_TENANT) and a plain
 * name, so that no id can reach into another tenant's space.
 */
export function tenantKey(tenantId: string, name: string): string {
  const tenant = tenantId === EVERY_TENANT ? EVERY_TENANT : TenantId.parse(tenantId);
  return `t:${tenant}:${Name.parse(name)}`;
}
