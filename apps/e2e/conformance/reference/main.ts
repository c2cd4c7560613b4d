import { serveStdio } from '@modelcontextprotocol/server/stdio';

import { createStateCodec, defineServer } from './define-server.ts';
import { startHttpReference } from './http-server.ts';

// `node main.ts stdio` serves one client on stdin and stdout; `node main.ts http [port]` prints its URL and serves until it is ended.
const [mode, port] = process.argv.slice(2);
if (mode === 'stdio') {
  const codec = createStateCodec();
  serveStdio(() => defineServer(codec));
} else {
  const reference = await startHttpReference(Number(port ?? 0));
  process.stdout.write(`${reference.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void reference.close());
}
