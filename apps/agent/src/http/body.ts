import type { IncomingMessage } from 'node:http';

export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** How much of a refused body is read and thrown away, so that its sender gets to read the answer. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_DISCARD_MS = 15_000;

/** The body in full, or null as soon as it is known to be larger than `maxBytes`. Rejects when the sender breaks off. */
export function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else resolve(null);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => {
      // 'close' comes with every request, and making an Error is dear
      if (!request.complete) reject(new Error('The request was broken off.'));
    });
  });
}

/** Reads the rest of a refused body and throws it away, within bounds. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete) return;
  let length = 0;
  const cut = () => request.socket.destroy();
  const late = setTimeout(cut, MAX_DISCARD_MS);
  request.removeAllListeners('data');
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_DISCARDED_BYTES) cut();
  });
  request.once('close', () => clearTimeout(late));
}
