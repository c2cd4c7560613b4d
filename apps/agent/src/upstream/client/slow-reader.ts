/** How long the others of a pipe wait for one client in all of a request, milliseconds. */
const PATIENCE_MS = 1_000;

export interface SlowReaderOptions {
  /** what is to be waited for, where the client has enough; null: nothing. The same promise for as long as it waits; it does not reject */
  waitForReader: (() => Promise<void> | null) | undefined;
  /** Reads nothing more of the server until then. */
  pauseUntil: (over: Promise<void>) => void;
}

/**
 * Says whether a client has not read what waits for it although its server was held back for it, which is done for a second in all of a request: what
 * the server says to others comes by the same pipe.
 */
export function watchReader({ waitForReader, pauseUntil }: SlowReaderOptions, patienceMs = PATIENCE_MS): () => boolean {
  let leftMs = patienceMs;
  let reading: Promise<void> | null = null;
  const hold = async (read: Promise<void>) => {
    const beganAt = performance.now();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      leftMs = 0;
      late.resolve();
    }, leftMs);
    await Promise.race([read, late.promise]);
    clearTimeout(timer);
    leftMs = Math.max(0, leftMs - (performance.now() - beganAt));
  };
  return () => {
    const read = waitForReader?.() ?? null;
    if (read !== null && read !== reading && leftMs > 0) pauseUntil(hold(read));
    reading = read;
    return read !== null && leftMs === 0;
  };
}
