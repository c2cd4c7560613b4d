import type { UpstreamDeps } from './client/dialer.ts';
import type { Conversation, UpstreamClient } from './conversation.ts';
import type { UpstreamHealth } from './health.ts';
import type { IgnoredTexts } from './ignored-texts.ts';
import type { MemoryWatch } from './stdio/memory-watch.ts';
import type { ProcessSlots } from './stdio/process-slots.ts';

/** One server of the configuration, whatever kind it is. */
export interface Upstream {
  /** Resolves when the server can be used, which includes its credential. Rejects with UpstreamFailure. */
  open(client: UpstreamClient, signal: AbortSignal): Promise<Conversation>;
  getHealth(): UpstreamHealth;
  /** The client is gone: what was kept for it alone is closed. */
  endClient(affinity: string): void;
  /** Closes what nobody used for long. */
  sweep(): void;
  /** Lets running calls end, then closes. */
  retire(): Promise<void>;
  /** Resolves when every connection is closed and every process has ended. */
  close(): Promise<void>;
}

export interface UpstreamLimits {
  /** a connection over HTTP that nobody used for this long is closed, milliseconds */
  idleMs: number;
  /** connections to one server over HTTP */
  connections: number;
  /** how long a client may take to answer what a server asked in the middle of a call, milliseconds */
  heldMs: number;
}

export interface UpstreamOptions extends UpstreamDeps {
  /** removes held credentials */
  scrub: (text: string) => string;
  limits: UpstreamLimits;
  slots: ProcessSlots;
  memory: MemoryWatch;
  /** tells the age of what servers listed; monotonic, milliseconds */
  readClock: () => number;
  /** what approvals ignore of a server's texts at this moment */
  findIgnored: (serverId: string) => IgnoredTexts;
  /** told after each listing; `digest` tells two lists apart */
  onListed?: ((serverId: string, list: string, digest: string) => void) | undefined;
  /** told whenever a server says that a list of its has changed */
  onAnnounced?: ((serverId: string) => void) | undefined;
}
