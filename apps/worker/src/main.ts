import { pino } from 'pino';

import { drainOnSignal } from '@gatehouse/process/drain';
import { readOrExit } from '@gatehouse/process/environment';
import { checkReadiness } from '@gatehouse/process/ops';
import { startOpsServer } from '@gatehouse/process/ops-server';
import { logCensor } from '@gatehouse/redaction/log-censor';
import { openSmtp } from '@gatehouse/services/mail/smtp-transport';
import { openRuntime } from '@gatehouse/services/runtime';

import manifest from '../package.json' with { type: 'json' };
import { readEnv } from './env.ts';
import { scheduleJobs } from './jobs.ts';
import { createWorkerMetrics } from './runtime/metrics.ts';
import { startSystemWorker } from './runtime/system-worker.ts';

const env = readOrExit(readEnv);
const log = pino({ name: 'worker', level: env.GATEHOUSE_LOG_LEVEL, redact: logCensor });
const store = { appDatabaseUrl: env.GATEHOUSE_WORKER_DATABASE_URL, redisUrl: env.REDIS_URL };

const runtime = await openRuntime({
  ...store,
  signingKek: env.GATEHOUSE_SIGNING_KEK,
  hubPublicUrl: env.GATEHOUSE_HUB_PUBLIC_URL,
  consoleUrl: env.NEXTAUTH_URL,
  log,
  poolSize: env.GATEHOUSE_WORKER_CONCURRENCY + 1,
});
const { GATEHOUSE_SMTP_URL: url, GATEHOUSE_MAIL_FROM: from } = env;
const mail = url === undefined || from === undefined ? null : openSmtp({ url, from });
const metrics = createWorkerMetrics();
const worker = startSystemWorker({
  store,
  deps: { runtime, databaseUrl: env.GATEHOUSE_WORKER_DATABASE_URL, post: mail?.post ?? null },
  metrics,
  concurrency: env.GATEHOUSE_WORKER_CONCURRENCY,
  log,
});
const dependencies = [...runtime.dependencies, { name: 'queue', check: () => worker.waitUntilReady() }];
const ops = await startOpsServer({
  host: env.GATEHOUSE_WORKER_HOST,
  port: env.GATEHOUSE_WORKER_PORT,
  version: { name: 'worker', version: manifest.version },
  token: env.GATEHOUSE_OPS_TOKEN ?? null,
  checkReadiness: () => checkReadiness(dependencies, log),
  metrics: metrics.registry,
  log,
});
// After the server, which tells of a queue that this waits for.
await scheduleJobs(runtime.queues, env.GATEHOUSE_WORKER_PASS_SECONDS * 1_000);
log.info({ port: ops.port }, 'worker started');

await drainOnSignal({
  name: 'worker',
  log,
  async stop() {
    await worker.close();
    mail?.close();
    await ops.close();
    await runtime.close();
  },
});
