import type { IncomingMessage } from 'node:http';

import { ServiceError } from '@gatehouse/services/errors';

/** Reads a JSON body of at most `maxBytes`. Throws `invalid` for a larger one and for what is not JSON. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const stream: AsyncIterable<Buffer> = request;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw new ServiceError('invalid', `The request is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ServiceError('invalid', 'The request is not JSON.');
  }
}
