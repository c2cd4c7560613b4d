import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LEASH = join(import.meta.dirname, '..', '..', '..', '..', 'tools', 'local', 'processes', 'leash.mjs');

export interface Launch {
  name: string;
  command: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
}

/** A process that was started. */
export interface Started {
  /** of the leash: what was started, and everything that it starts, runs under it */
  pid: number;
  /** the first line that it writes to standard output; rejects when it ends before, with the end of what it wrote to standard error */
  firstLine: Promise<string>;
  /** what it wrote to standard error, last lines */
  readonly readLogTail: () => string;
  readonly hasEnded: () => boolean;
  /** resolves when it and everything that it started has ended */
  stop(): Promise<void>;
}

/** Owns every process of a run. */
export class Pack {
  readonly #running = new Set<Started>();
  #closed = false;

  /** Starts a command on a leash: it and its children end when this process does, however that ends. */
  start({ name, command, env, cwd }: Launch): Started {
    if (this.#closed) throw new Error(`${name} is not started: the run is over.`);
    const child = spawn(process.execPath, [LEASH, ...command], { cwd, env: { PATH, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()));
    const tail: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
    });
    const firstLine = Promise.withResolvers<string>();
    createInterface({ input: child.stdout }).on('line', firstLine.resolve);
    void ended.then(() => firstLine.reject(new Error(`${name} ended: ${tail.join(' | ')}`)));
    // not everybody waits for it
    firstLine.promise.catch(() => undefined);
    let hasEnded = false;
    const started: Started = {
      pid: child.pid ?? 0,
      firstLine: firstLine.promise,
      readLogTail: () => tail.join(' | '),
      hasEnded: () => hasEnded,
      stop: async () => {
        child.stdin.end();
        child.kill('SIGTERM');
        await ended;
      },
    };
    this.#running.add(started);
    void ended.then(() => {
      hasEnded = true;
      this.#running.delete(started);
    });
    return started;
  }

  /** Stops everything that still runs; nothing is started any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((started) => started.stop()));
  }
}

const TAIL_LINES = 4;
/** The one variable that every process gets. */
const PATH = `${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin:/usr/sbin`;
