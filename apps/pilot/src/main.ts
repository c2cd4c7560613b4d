import { readEnv } from './env.ts';
import { createOrdersHttpServer } from './server.ts';

const env = readEnv();
const server = createOrdersHttpServer(env.ORDERS_TOKEN);
server.listen(env.ORDERS_PORT, '127.0.0.1', () =>
  process.stdout.write(`orders server on http://127.0.0.1:${env.ORDERS_PORT}/mcp\n`),
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
