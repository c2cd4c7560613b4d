import { setTimeout as delay } from 'node:timers/promises';

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

/** What a process cannot work without. */
export interface Dependency {
  /** as /readyz calls it */
  name: string;
  /** rejects while it is away */
  check: () => Promise<unknown>;
}

/** A dependency that has not answered by then is away, milliseconds. */
const CHECK_MS = 2_000;

/** Checks under way: whoever asks meanwhile, and that is anybody, gets their answer instead of another check. */
const underWay = new WeakMap<Dependency, Promise<boolean>>();

/** Ready when every dependency answers. The answer names what is away; the reasons go to the log only. */
export async function checkReadiness(dependencies: readonly Dependency[], log: Logger): Promise<Readiness> {
  const checks = dependencies.map(async (dependency) => ((await isAwayShared(dependency, log)) ? [dependency.name] : []));
  const away = (await Promise.all(checks)).flat();
  return away.length === 0 ? { isReady: true, report: { status: 'ready' } } : reportAway(away);
}

/** Not ready, because these are away. */
export function reportAway(away: readonly string[]): Readiness {
  const report = { status: 'not ready', away };
  return { isReady: false, report };
}

function isAwayShared(dependency: Dependency, log: Logger): Promise<boolean> {
  const known = underWay.get(dependency);
  if (known) return known;
  const checked = isAway(dependency, log).finally(() => underWay.delete(dependency));
  underWay.set(dependency, checked);
  return checked;
}

async function isAway({ name, check }: Dependency, log: Logger): Promise<boolean> {
  const waiting = new AbortController();
  const late = delay(CHECK_MS, undefined, { signal: waiting.signal }).then(() => Promise.reject(new Error('no answer in time')));
  try {
    await Promise.race([Promise.resolve().then(check), late]);
    return false;
  } catch (error) {
    log.warn({ err: error, dependency: name }, 'not ready');
    return true;
  } finally {
    waiting.abort();
  }
}

/** An answer with a value as JSON; it is not cached. */
export function answerJson(status: number, value: unknown): OpsAnswer {
  return answer(status, 'application/json; charset=utf-8', JSON.stringify(value));
}

function answer(status: number, type: string, body: string): OpsAnswer {
  return { status, headers: { 'content-type': type, 'cache-control': 'no-store' }, body };
}
