import { EnvironmentError } from '@gatehouse/process/environment';
import { checkReadiness, findOpsAnswer, reportAway, type Readiness } from '@gatehouse/process/ops';
import { findTokenScope } from '@gatehouse/process/ops-access';

import manifest from '../../../package.json' with { type: 'json' };
import { getEnv } from '../../env.ts';
import { getRuntime } from '../runtime.ts';
import { getMetrics } from './metrics.ts';

/**
 * Answers one of the paths that operations tools ask. Next tells no handler from which address it is asked, so only the token opens the two
 * that say more than how the console is.
 */
export async function answerOps(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  const isProbe = path === '/healthz' || path === '/readyz';
  const token = isProbe ? null : (getEnv().GATEHOUSE_OPS_TOKEN ?? null);
  const scope = isProbe ? 'all' : findTokenScope(request.headers.get('authorization'), token);
  const version = { name: 'console', version: manifest.version };
  const answer = findOpsAnswer({ version, checkReadiness: checkRuntime, metrics: getMetrics().registry }, path, scope);
  if (!answer) return new Response('Not found', { status: 404 });
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
