import { answerOps } from '../../server/ops/answer.ts';

/** Name and version. */
export function GET(request: Request): Promise<Response> {
  return answerOps(request);
}

export const dynamic = 'force-dynamic';
