import type { Readable } from 'node:stream';

/** Lets go of an answer that nobody reads to its end. What its stream says to that concerns nobody. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}
