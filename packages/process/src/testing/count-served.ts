import { connect } from 'node:net';

/**
 * Asks a server for `path` over so many connections of one address, another one than a test's own, and lets go of none before all have ended in an answer or
 * without one. Resolves with how many were answered.
 */
export async function countServed({ port, path }: { port: number; path: string }, connections: number): Promise<number> {
  const sockets = Array.from({ length: connections }, () => connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }));
  const answers = sockets.map(
    (socket) =>
      new Promise<boolean>((resolve) => {
        socket.once('data', () => resolve(true)).once('close', () => resolve(false));
        // closed while its request was on the way
        socket.on('error', () => resolve(false));
        socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      }),
  );
  const served = (await Promise.all(answers)).filter(Boolean).length;
  for (const socket of sockets) socket.destroy();
  return served;
}
