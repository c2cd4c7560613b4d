import { z } from 'zod';

/** The one queue of the control plane's own work. */
export const SYSTEM_QUEUE = 'system';

/** Jobs that run in one tenant. Their payload is the tenant's id and nothing else: the work is found in the database. */
export const TenantJobName = z.enum([
  'renew-leases',
  'refresh-snapshots',
  'expire-records',
  'prune-configurations',
  'keep-revocations',
  'keep-keyset',
  'erase-tenant',
  'send-mails',
]);
export type TenantJobName = z.infer<typeof TenantJobName>;

const TenantPayload = z.strictObject({ tenantId: z.uuid() });

/** Payload of every job, parsed when it is queued and again when it runs. */
export const JOB_PAYLOADS = {
  /** makes the receipt partitions of this and the next months */
  'ensure-partitions': z.strictObject({ monthsAhead: z.int().min(1).max(24) }),
  /** removes login counters that have run out */
  'prune-counters': z.strictObject({}),
  /** queues `job` once for every tenant that it is for */
  'sweep-tenants': z.strictObject({ job: TenantJobName }),
  'renew-leases': TenantPayload,
  'refresh-snapshots': TenantPayload,
  'expire-records': TenantPayload,
  'prune-configurations': TenantPayload,
  'keep-revocations': TenantPayload,
  'keep-keyset': TenantPayload,
  /** sends what waits in the outbox */
  'send-mails': TenantPayload,
  /** ends a workspace whose time is over */
  'erase-tenant': TenantPayload,
} as const;

export type JobName = keyof typeof JOB_PAYLOADS;
export type JobPayload<N extends JobName> = z.infer<(typeof JOB_PAYLOADS)[N]>;

/** True for a job that this version knows: a queue may still hold others. */
export function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOB_PAYLOADS, name);
}
