import { Readable } from 'node:stream';

import type { OutboundAnswer } from './outbound.ts';

/** The answer went over its bound and was cut off. */
export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
}

const WITHOUT_BODY = new Set([101, 103, 204, 205, 304]);

/** The same answer as a web Response, for the SDK's transports. */
export async function toResponse({ status, headers, body }: OutboundAnswer): Promise<Response> {
  if (WITHOUT_BODY.has(status)) {
    await body.dump();
    return new Response(null, { status, headers });
  }
  return new Response(Readable.toWeb(body), { status, headers });
}
