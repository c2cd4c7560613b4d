import { pino } from 'pino';

import { drainOnSignal } from '@gatehouse/process/drain';
import { readOrExit } from '@gatehouse/process/environment';
import { logCensor } from '@gatehouse/redaction/log-censor';
import { openRuntime } from '@gatehouse/services/runtime';

import manifest from '../package.json' with { type: 'json' };
import { readEnv } from './env.ts';
import { startHub } from './hub.ts';

const env = readOrExit(readEnv);
const log = pino({ name: 'hub', level: env.GATEHOUSE_LOG_LEVEL, redact: logCensor });
const runtime = await openRuntime({
  appDatabaseUrl: env.GATEHOUSE_HUB_DATABASE_URL,
  redisUrl: env.REDIS_URL,
  hubPublicUrl: env.GATEHOUSE_HUB_PUBLIC_URL,
  log,
  poolSize: env.GATEHOUSE_DATABASE_POOL,
});
const hub = await startHub({
  runtime,
  host: env.GATEHOUSE_HUB_HOST,
  port: env.GATEHOUSE_HUB_PORT,
  publicUrl: env.GATEHOUSE_HUB_PUBLIC_URL,
  version: manifest.version,
  trustedProxies: env.GATEHOUSE_TRUSTED_PROXIES,
  opsToken: env.GATEHOUSE_OPS_TOKEN,
});
log.info({ port: hub.port }, 'hub started');

await drainOnSignal({
  name: 'hub',
  log,
  async stop() {
    await hub.drain();
    await runtime.close();
  },
});
