import type { Logger } from 'pino';

/** What /readyz answers. */
export interface Readiness {
  /** the process can do its work */
  isReady: boolean;
  /** the body; a probe is told its `status` and nothing else */
  report: { status: string };
}

export interface OpsSources {
  /** what /version answers */
  version: { name: string; version: string; node?: string };
  checkReadiness: () => Readiness | Promise<Readiness>;
  /** what /metrics answers; the registry of prom-client fits */
  metrics: { contentType: string; metrics(): Promise<string> };
}

/**
 * How much an asker may know. `probes`: whether the process lives and is ready, for requests that do not call it by its name, such as
 * those of an orchestrator, which asks by address.
 */
export type OpsScope = 'all' | 'probes';

export interface OpsAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** How to answer a GET of /healthz, /readyz, /metrics or /version; null for any other path and for what the scope leaves out. */
export function findOpsAnswer(
  { version, checkReadiness, metrics }: OpsSources,
  path: string,
  scope: OpsScope = 'all',
): (() => Promise<OpsAnswer>) | null {
  switch (path) {
    case '/healthz':
      return async () => answerJson(200, { status: 'ok' });
    case '/readyz':
      return async () => {
        const { isReady, report } = await checkReadiness();
        return answerJson(isReady ? 200 : 503, scope === 'all' ? report : { status: report.status });
      };
    case '/version':
      return scope === 'all' ? async () => answerJson(200, version) : null;
    case '/metrics':
      return scope === 'all' ? async () => answer(200, metrics.contentType, await metrics.metrics()) : null;
    default:
      return null;
  }
}

/** Ready when `check` resolves. The reason why it rejects goes to the log only. */
export async function checkReadiness(check: () => Promise<unknown>, log: Logger): Promise<Readiness> {
  try {
    await check();
    return { isReady: true, report: { status: 'ready' } };
  } catch (error) {
    log.warn({ err: error }, 'not ready');
    return { isReady: false, report: { status: 'not ready' } };
  }
}

/** An answer with a value as JSON; it is not cached. */
export function answerJson(status: number, value: unknown): OpsAnswer {
  return answer(status, 'application/json; charset=utf-8', JSON.stringify(value));
}

function answer(status: number, type: string, body: string): OpsAnswer {
  return { status, headers: { 'content-type': type, 'cache-control': 'no-store' }, body };
}
