import { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';

/**
 * The request once all of its body has come, as one that no connection can break any more; null when the client left before. Next leaves a
 * request that breaks while nobody reads it to the process, as an error that nobody caught.
 */
export async function receiveRequest(request: IncomingMessage): Promise<IncomingMessage | null> {
  // of the length that was told: kept one by one, parts of a byte would take hundreds of times their size
  const body = Buffer.allocUnsafe(Number(request.headers['content-length'] ?? 0));
  let length = 0;
  request.on('data', (part: Buffer) => (length += part.copy(body, length)));
  const isWhole = await finished(request).then(
    () => true,
    () => false,
  );
  if (!isWhole) return null;
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor, socket } = request;
  const received = new IncomingMessage(socket);
  Object.assign(received, { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor, complete: true });
  if (length > 0) received.push(body);
  received.push(null);
  return received;
}
