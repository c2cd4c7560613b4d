import { z } from 'zod';

import type { Discovery } from '@gatehouse/db/client';
import { DiscoveryProgress, DiscoveryStage } from '@gatehouse/protocol/messages';

/** How long after its server has had all its time a discovery that did start may still report, milliseconds. */
export const RUN_GRACE_MS = 60_000;

/** One reported step. */
export const StageEntry = z.object({
  stage: DiscoveryStage,
  status: DiscoveryProgress.shape.status,
  at: z.iso.datetime(),
  detail: z.string().optional(),
});
export type StageEntry = z.infer<typeof StageEntry>;

export interface DiscoveryView {
  id: string;
  serverId: string;
  agentId: string;
  status: 'waiting' | 'running' | 'succeeded' | 'failed';
  stages: StageEntry[];
  errorCode: string | null;
  errorText: string | null;
  createdAt: Date;
  /** the agent must have started by then */
  expiresAt: Date;
  finishedAt: Date | null;
  revisionId: string | null;
}

type Row = Pick<Discovery, Exclude<keyof DiscoveryView, 'stages'> | 'runBy'> & { stages: unknown };

/** A discovery that ran out of time reads as failed at once, also before the sweep has stored it. */
export function toDiscoveryView(row: Row, now: Date): DiscoveryView {
  const overdue = findOverdueProblem(row, now);
  const stages = z.array(StageEntry).parse(row.stages);
  const { id, serverId, agentId, createdAt, expiresAt, finishedAt, revisionId } = row;
  const view = { id, serverId, agentId, stages, createdAt, expiresAt, finishedAt, revisionId };
  if (overdue) return { ...view, status: 'failed', ...overdue };
  return { ...view, status: row.status, errorCode: row.errorCode, errorText: row.errorText };
}

/** Null while there is still time. */
export function findOverdueProblem(
  { status, expiresAt, runBy }: Pick<Discovery, 'status' | 'expiresAt' | 'runBy'>,
  now: Date,
): { errorCode: 'expired' | 'timeout'; errorText: string } | null {
  if (status === 'waiting' && now >= expiresAt) {
    return {
      errorCode: 'expired',
      errorText: 'The agent did not pick this up in time. Check that it is connected, then try again.',
    };
  }
  if (status === 'running' && now.getTime() >= (runBy ?? expiresAt).getTime() + RUN_GRACE_MS) {
    return { errorCode: 'timeout', errorText: 'The agent started but did not finish. Look at its log, then try again.' };
  }
  return null;
}
