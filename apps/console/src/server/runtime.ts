import { logCensor } from '@gatehouse/redaction/log-censor';
import { pino } from 'pino';

import { openRuntime, type Runtime } from '@gatehouse/services/runtime';

import { env } from '../env.ts';

interface Process {
  runtime: Promise<Runtime>;
  /** aborted when the process is told to stop: long answers (live changes) end, so that the server can drain */
  stopping: AbortController;
}

// Next loads a module once per bundle; only globalThis is one per process.
const holder = globalThis as typeof globalThis & { gatehouseConsole?: Process };

function start(): Process {
  const settings = env();
  const stopping = new AbortController();
  const log = pino({ name: 'console', level: settings.GATEHOUSE_LOG_LEVEL, redact: logCensor });
  const runtime = openRuntime({
    appDatabaseUrl: settings.GATEHOUSE_APP_DATABASE_URL,
    redisUrl: settings.REDIS_URL,
    signingKek: settings.GATEHOUSE_SIGNING_KEK,
    hubPublicUrl: settings.GATEHOUSE_HUB_PUBLIC_URL,
    agentBundlePath: settings.GATEHOUSE_AGENT_BUNDLE,
    poolSize: settings.GATEHOUSE_DATABASE_POOL,
    log,
  });
  // A failed start is not kept: the next request tries again.
  runtime.catch((error: unknown) => {
    log.error({ err: error }, 'runtime could not be opened');
    holder.gatehouseConsole = undefined;
  });
  process.once('SIGTERM', () => stopping.abort());
  process.once('SIGINT', () => stopping.abort());
  return { runtime, stopping };
}

/** The one Runtime of this process. */
export function consoleRuntime(): Promise<Runtime> {
  holder.gatehouseConsole ??= start();
  return holder.gatehouseConsole.runtime;
}

/** Aborted when the process begins to shut down. */
export function stoppingSignal(): AbortSignal {
  holder.gatehouseConsole ??= start();
  return holder.gatehouseConsole.stopping.signal;
}
