import { IncomingMessage } from 'node:http';

/**
 * The request once all of its body has come, as one that no connection can break any more; null when the client left before. Next leaves a
 * request that breaks while nobody reads it to the process, as an error that nobody caught.
 */
export async function receiveRequest(request: IncomingMessage): Promise<IncomingMessage | null> {
  const body = await request.toArray().catch(() => null);
  if (body === null) return null;
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor, socket } = request;
  const received = new IncomingMessage(socket);
  Object.assign(received, { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor, complete: true });
  for (const chunk of body) received.push(chunk);
  received.push(null);
  return received;
}
