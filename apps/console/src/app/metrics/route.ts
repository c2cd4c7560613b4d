import { answerOps } from '../../server/ops/answer.ts';

/** Prometheus text. */
export function GET(): Promise<Response> {
  return answerOps('/metrics');
}

export const dynamic = 'force-dynamic';
