import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port of the loopback address that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('No port could be had.');
  return address.port;
}
