import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseReport } from '../errors.ts';
import { TenantJobName } from './contracts.ts';

export const RecordJob = z.strictObject({
  job: TenantJobName,
  /** code of what it failed with; null: it did its work */
  failure: z.string().max(40).nullable(),
});
export type RecordJob = z.input<typeof RecordJob>;

/** Keeps that a job of the tenant failed until it does its work again, so that the console can say so. What the error said stays in the worker's log. */
export async function recordJob({ ctx, input }: { ctx: ServiceContext; input: RecordJob }): Promise<void> {
  authorize(ctx, 'job.report');
  const { job, failure } = parseReport(RecordJob, input);
  const { tenantId, runtime } = ctx;
  await mutate(
    ctx,
    async ({ tx }) => {
      if (failure === null) {
        await tx.jobFailure.deleteMany({ where: { tenantId, job } });
        return;
      }
      const last = { failedAt: runtime.now(), code: failure };
      await tx.jobFailure.upsert({
        where: { tenantId_job: { tenantId, job } },
        create: { tenantId, job, since: last.failedAt, ...last },
        update: { ...last, times: { increment: 1 } },
      });
    },
    { audited: false },
  );
}
