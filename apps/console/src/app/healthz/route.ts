import { answerOps } from '../../server/ops/answer.ts';

/** The process is alive. Asks nothing of its dependencies. */
export function GET(): Promise<Response> {
  return answerOps('/healthz');
}

export const dynamic = 'force-dynamic';
