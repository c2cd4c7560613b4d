import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import next from 'next';
import { pino } from 'pino';

import { drainOnSignal } from '@gatehouse/process/drain';
import { readOrExit } from '@gatehouse/process/environment';
import { listen } from '@gatehouse/process/listen';
import { logCensor } from '@gatehouse/redaction/log-censor';

import { getEnv, isDevelopment } from './env.ts';
import { openStanding } from './server/auth/standing.ts';
import { CONSOLE_LIMITS } from './server/limits.ts';
import { createConsoleServer } from './server/listener.ts';

const env = readOrExit(getEnv);
const log = pino({ name: 'console', level: env.GATEHOUSE_LOG_LEVEL, redact: logCensor });
const { GATEHOUSE_CONSOLE_HOST: host, GATEHOUSE_CONSOLE_PORT: port } = env;
const dev = isDevelopment();
// Next puts a listener of its own for upgrades on the server that it is given; this one never listens, and gets them in development only
const httpServer = createServer();
const app = next({ dev, dir: join(import.meta.dirname, '..'), hostname: host, port, httpServer });
await app.prepare();
const standing = openStanding(
  { secret: env.NEXTAUTH_SECRET, secure: env.NEXTAUTH_URL.startsWith('https:') },
  env.GATEHOUSE_CONSOLE_DATABASE_URL,
);
const server = createConsoleServer({
  handle: app.getRequestHandler(),
  ...(dev ? { upgrade: (request, socket, head) => void httpServer.emit('upgrade', request, socket, head) } : {}),
  isSignedIn: standing.isSignedIn,
  trustedProxies: env.GATEHOUSE_TRUSTED_PROXIES,
  log,
});
log.info({ port: await listen(server, { host, port }) }, 'console started');

await drainOnSignal({
  name: 'console',
  log,
  async stop() {
    await Promise.race([new Promise((resolve) => server.close(resolve)), delay(CONSOLE_LIMITS.drainMs)]);
    await app.close();
    await standing.close();
  },
});
// what Next has bundled keeps its connections to the database
process.exit(0);
