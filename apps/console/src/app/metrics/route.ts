import { answerOps } from '../../server/ops/answer.ts';

/** Prometheus text. */
export function GET(request: Request): Promise<Response> {
  return answerOps(request);
}

export const dynamic = 'force-dynamic';
