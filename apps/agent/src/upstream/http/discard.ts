import type { Readable } from 'node:stream';

/** Destroys the body of an answer that is not read to its end, and ignores the error that this may cause. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}
