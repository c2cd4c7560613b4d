import { answerOps } from '../../server/ops/answer.ts';

/** Name and version. */
export function GET(): Promise<Response> {
  return answerOps('/version');
}

export const dynamic = 'force-dynamic';
