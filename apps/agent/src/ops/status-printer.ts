import { formatStatus } from './format-status.ts';
import type { AgentStatus } from './readiness.ts';

/** The first picture waits this long for the connection and the configuration. */
const SETTLE_MS = 3_000;

interface Watched {
  getStatus(): AgentStatus;
  onChange(listener: () => void): () => void;
}

/** Prints the status once it has settled, then every line that changes. */
export class StatusPrinter {
  readonly #agent: Watched;
  readonly #colour: boolean;
  readonly #write: (line: string) => void;
  readonly #unsubscribe: () => void;
  readonly #settled: NodeJS.Timeout;
  #shown: ReadonlySet<string> | null = null;
  #scheduled: NodeJS.Immediate | null = null;

  constructor(agent: Watched, colour: boolean, write: (line: string) => void) {
    this.#agent = agent;
    this.#colour = colour;
    this.#write = write;
    this.#settled = setTimeout(() => this.#show(), SETTLE_MS);
    this.#unsubscribe = agent.onChange(() => {
      this.#scheduled ??= setImmediate(() => this.#update());
    });
  }

  stop(): void {
    this.#unsubscribe();
    clearTimeout(this.#settled);
    if (this.#scheduled) clearImmediate(this.#scheduled);
  }

  #update(): void {
    this.#scheduled = null;
    const { control, config } = this.#agent.getStatus();
    const settled = control.phase === 'connected' && config.version > 0;
    if (this.#shown || settled) this.#show();
  }

  #show(): void {
    clearTimeout(this.#settled);
    const lines = formatStatus(this.#agent.getStatus(), this.#colour);
    const news = lines.filter((line) => !this.#shown?.has(line));
    for (const line of news) this.#write(line);
    if (!this.#shown) this.#write('  Press Ctrl-C to stop. `gatehouse-agent run` serves without a terminal.');
    this.#shown = new Set(lines);
  }
}
