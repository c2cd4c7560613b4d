import type { Server } from 'node:http';

/** Tells the process that started this one, on standard output, which port was given. */
export function announce(server: Server): void {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server listens on no port.');
  process.stdout.write(`${address.port}\n`);
}
