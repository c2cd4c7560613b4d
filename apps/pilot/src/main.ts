import { readEnv } from './env.ts';
import { createOrdersHttpServer } from './server.ts';

const env = readEnvOrExit();
const server = createOrdersHttpServer(env.ORDERS_TOKEN);
server.listen(env.ORDERS_PORT, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : env.ORDERS_PORT;
  process.stdout.write(`orders server on http://127.0.0.1:${port}/mcp\n`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}

function readEnvOrExit(): ReturnType<typeof readEnv> {
  try {
    return readEnv();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
