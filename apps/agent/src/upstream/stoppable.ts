/** The promise, or a rejection with the signal's reason as soon as it is aborted. What is there already is not waited for. */
export async function stoppable<T extends object | string | null | undefined>(
  promise: Promise<T> | T,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  if (!(promise instanceof Promise)) return promise;
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
