import { answerOps } from '../../server/ops/answer.ts';

/** The console can do its work: its dependencies answer. */
export function GET(request: Request): Promise<Response> {
  return answerOps(request);
}

export const dynamic = 'force-dynamic';
