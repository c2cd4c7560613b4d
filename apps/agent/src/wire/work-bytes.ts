/** More is not kept. */
const MOST_KEPT_BYTES = 2 * 1024 * 1024;

/**
 * Room for bytes that are read at once and not kept. To a process new memory is dear, several times what it costs to fill it, and long bodies would
 * ask for some of it at each step.
 */
export class WorkBytes {
  #room = Buffer.alloc(0);

  /** With whatever they held before. To be used before the next are taken. */
  take(length: number): Buffer {
    if (this.#room.length >= length) return this.#room.subarray(0, length);
    const room = Buffer.allocUnsafeSlow(length);
    if (length <= MOST_KEPT_BYTES) this.#room = room;
    return room;
  }
}

const joined = new WorkBytes();

/** All of a body that came in chunks, to be read before the next is joined. */
export function joinChunks(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  if (chunks.length === 1 && only) return only;
  const whole = joined.take(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(whole, at);
  return whole;
}
