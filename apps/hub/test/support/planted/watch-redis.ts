import { once } from 'node:events';
import { connect } from 'node:net';

import { onTestFinished } from 'vitest';

/** Everything that any client asks of a Redis from now on, keys and values, as Redis itself tells it. */
export async function watchRedis(url: string): Promise<() => string> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port || 6379), hostname);
  onTestFinished(() => void socket.destroy());
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  await once(socket, 'connect');
  socket.write(`${password ? `AUTH ${password}\r\n` : ''}MONITOR\r\n`);
  await once(socket, 'data');
  return () => heard;
}
