import { answerOps } from '../../server/ops/answer.ts';

/** The process is alive. Asks nothing of its dependencies. */
export function GET(request: Request): Promise<Response> {
  return answerOps(request);
}

export const dynamic = 'force-dynamic';
