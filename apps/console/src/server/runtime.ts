import { pino } from 'pino';

import { awaitStopSignal } from '@gatehouse/process/drain';
import { logCensor } from '@gatehouse/redaction/log-censor';
import { openRuntime, type Runtime } from '@gatehouse/services/runtime';

import { getEnv } from '../env.ts';

// Next loads a module once per bundle; only globalThis is one per process.
const holder = globalThis as typeof globalThis & {
  gatehouseRuntime?: Promise<Runtime> | undefined;
  gatehouseStopping?: AbortSignal;
};

/** The one Runtime of this process. Rejects when it cannot be opened; the next call tries again. */
export function getRuntime(): Promise<Runtime> {
  holder.gatehouseRuntime ??= openConsoleRuntime().catch((error: unknown) => {
    holder.gatehouseRuntime = undefined;
    throw error;
  });
  return holder.gatehouseRuntime;
}

/** Aborted when the process is told to stop: long answers (live changes) end, so that the server can drain. */
export function getStoppingSignal(): AbortSignal {
  return (holder.gatehouseStopping ??= abortOnStopSignal());
}

async function openConsoleRuntime(): Promise<Runtime> {
  const settings = getEnv();
  const log = pino({ name: 'console', level: settings.GATEHOUSE_LOG_LEVEL, redact: logCensor });
  try {
    return await openRuntime({
      appDatabaseUrl: settings.GATEHOUSE_CONSOLE_DATABASE_URL,
      redisUrl: settings.REDIS_URL,
      signingKek: settings.GATEHOUSE_SIGNING_KEK,
      hubPublicUrl: settings.GATEHOUSE_HUB_PUBLIC_URL,
      agentBundlePath: settings.GATEHOUSE_AGENT_BUNDLE,
      consoleUrl: settings.NEXTAUTH_URL,
      sendsMail: settings.GATEHOUSE_MAIL_FROM !== undefined,
      poolSize: settings.GATEHOUSE_DATABASE_POOL,
      log,
    });
  } catch (error) {
    log.error({ err: error }, 'runtime could not be opened');
    throw error;
  }
}

function abortOnStopSignal(): AbortSignal {
  const stopping = new AbortController();
  void awaitStopSignal().then(() => stopping.abort());
  return stopping.signal;
}
