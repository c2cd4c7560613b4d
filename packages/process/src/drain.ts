import type { Logger } from 'pino';

/** Resolves with the next SIGTERM or SIGINT. */
export function awaitStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const settle = (signal: NodeJS.Signals) => {
      process.off('SIGTERM', settle).off('SIGINT', settle);
      resolve(signal);
    };
    process.on('SIGTERM', settle).on('SIGINT', settle);
  });
}

/** Ends the process at once, with exit code 1, on the next SIGTERM or SIGINT: for whoever signals again because draining takes too long. */
export async function exitOnSignal(): Promise<never> {
  await awaitStopSignal();
  process.exit(1);
}

/**
 * Waits for SIGTERM or SIGINT and then lets `stop` finish what is under way. Once nothing is left to do, Node ends the process with exit
 * code 0. The exit code is 1 when `stop` fails, which is logged as fatal, and when a second signal comes before it is done.
 */
export async function drainOnSignal({
  name,
  log,
  stop,
}: {
  name: string;
  log: Logger;
  stop: () => Promise<void>;
}): Promise<void> {
  const signal = await awaitStopSignal();
  void exitOnSignal();
  log.info({ signal }, `${name} stops`);
  try {
    await stop();
    log.info(`${name} stopped`);
  } catch (error) {
    log.fatal({ err: error }, `${name} could not stop cleanly`);
    process.exit(1);
  }
}
