import { EnvironmentError } from '@gatehouse/process/environment';
import { checkReadiness, findOpsAnswer, reportAway, type Readiness } from '@gatehouse/process/ops';

import manifest from '../../../package.json' with { type: 'json' };
import { getRuntime } from '../runtime.ts';
import { getMetrics } from './metrics.ts';

/** Answers one of the paths that operations tools ask. */
export async function answerOps(path: '/healthz' | '/readyz' | '/metrics' | '/version'): Promise<Response> {
  const version = { name: 'console', version: manifest.version };
  const answer = findOpsAnswer({ version, checkReadiness: checkRuntime, metrics: getMetrics().registry }, path);
  if (!answer) throw new Error(`There is no answer to ${path}`);
  const { status, headers, body } = await answer();
  return new Response(body, { status, headers });
}

async function checkRuntime(): Promise<Readiness> {
  try {
    const { dependencies, log } = await getRuntime();
    return await checkReadiness(dependencies, log);
  } catch (error) {
    // A runtime that cannot be opened has logged the reason itself. Opening waits for PostgreSQL only.
    return error instanceof EnvironmentError ? { isReady: false, report: { status: 'not ready' } } : reportAway(['postgres']);
  }
}
