import { pipeline, Readable, Transform } from 'node:stream';

import type { Dispatcher } from 'undici';

/** The answer went over its bound and was cut off. */
export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
}

const WITHOUT_BODY = new Set([101, 103, 204, 205, 304]);

/** A web Response whose body fails once it goes over `maxBytes`. For an event stream that stays open the bound is on each event. */
export async function toResponse(
  answer: Dispatcher.ResponseData,
  bound: { maxBytes: number; longLived: boolean },
): Promise<Response> {
  const { statusCode: status, body } = answer;
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const each of Array.isArray(value) ? value : [value ?? '']) headers.append(name, each);
  }
  if (WITHOUT_BODY.has(status)) {
    await body.dump();
    return new Response(null, { status, headers });
  }
  const perEvent = bound.longLived && headers.get('content-type')?.startsWith('text/event-stream') === true;
  const bounded = bounding(bound.maxBytes, perEvent);
  // an error of either end shows when the response is read
  pipeline(body, bounded, () => undefined);
  return new Response(Readable.toWeb(bounded), { status, headers });
}

function bounding(maxBytes: number, perEvent: boolean): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const eventEnd = perEvent ? Math.max(chunk.lastIndexOf('\n\n'), chunk.lastIndexOf('\r\n\r\n')) : -1;
      seen = eventEnd === -1 ? seen + chunk.length : chunk.length - eventEnd;
      if (seen > maxBytes) done(new ResponseTooLarge(`The answer is larger than ${maxBytes} bytes.`));
      else done(null, chunk);
    },
  });
}
