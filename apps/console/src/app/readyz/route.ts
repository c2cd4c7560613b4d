import { answerOps } from '../../server/ops/answer.ts';

/** The console can do its work: its dependencies answer. */
export function GET(): Promise<Response> {
  return answerOps('/readyz');
}

export const dynamic = 'force-dynamic';
