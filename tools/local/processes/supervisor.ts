import { LocalError, type Settings } from '../settings.ts';
import { describeExit, describeLog, launch, requireReady, type Launch, type Running } from './processes.ts';

/** Everything that the launcher has started: it stays up together and goes down together. */
export class Supervisor {
  /** Rejects with a LocalError when the first of them ends although nobody stopped it. */
  readonly failed: Promise<never>;
  readonly #running: Running[] = [];
  readonly #fail: (error: LocalError) => void;
  #stopping: Promise<void> | undefined;

  constructor() {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.failed = promise;
    this.#fail = reject;
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  add(...started: Running[]): void {
    this.#running.push(...started);
    for (const { name, logFile, exited } of started) {
      void exited.then((how) => {
        if (this.isStopping) return;
        this.#fail(new LocalError(`${name} ${describeExit(how)}. ${describeLog(logFile)}\n\n  Stopping the rest.`));
      });
    }
  }

  /** Starts a process, which has to stay up from now on, and waits until `readyUrl` answers 2xx. Throws a LocalError when it does not. */
  async launch(settings: Settings, { readyUrl, ...launchOf }: Launch & { readyUrl?: string }): Promise<void> {
    const running = launch(settings, launchOf);
    this.add(running);
    if (readyUrl) await requireReady(running, readyUrl);
  }

  /** Ends everything in the reverse of the order in which it was started. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const process of this.#running.toReversed()) await process.stop();
  }
}
