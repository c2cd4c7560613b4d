import type { Logger } from 'pino';

import { resolveLimits, type LimitTimes } from '@gatehouse/policy/documents/server-limits';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { Outbound } from '../../outbound/outbound.ts';
import type { ResolveSecret } from '../../secrets/site-secrets.ts';
import type { Attempt } from '../breaker.ts';
import type { UpstreamClient } from '../conversation.ts';
import type { TimedRequest } from '../failure.ts';
import type { OpenedEntry } from '../stdio/stdio-entries.ts';
import type { ClientFacts, Connection, ServerListener } from './connection.ts';

/** Key of a connection that all clients use. */
export const SHARED = '*';
/** A server that did not speak the newer protocol is asked again after this time: it may have been renewed. */
export const LEGACY_VERDICT_MS = 60 * 60_000;

export interface UpstreamDeps {
  outbound: Outbound;
  resolveSecret: ResolveSecret;
  /** verifies the entry's hashes now; rejects with StdioEntryRefused */
  openStdioEntry: (name: string) => Promise<OpenedEntry>;
  /** told every secret that is derived from others before it is used */
  onSecret: (value: string) => void;
  now: () => Date;
  log: Logger;
  agentVersion: string;
  /** the longest that the site lets any server take */
  limitCaps: Partial<LimitTimes>;
}

/** How long a server may take: what was set for it or for a tool of it, held to what the site allows. */
export function timeServer(
  { name, limits }: Pick<SnapshotServer, 'name' | 'limits'>,
  { limitCaps }: Pick<UpstreamDeps, 'limitCaps'>,
  tool: string | null = null,
): TimedRequest {
  return { limits: resolveLimits(limits ?? {}, limitCaps, tool), server: name, tool };
}

export interface DialRequest {
  key: string;
  client: ClientFacts;
  signal: AbortSignal;
  listener: ServerListener;
  /** Closes idle connections until `enough`. Rejects with the sentence `full` when none is left that could go. */
  makeRoom: (enough: () => boolean, full: string) => Promise<void>;
}

export interface Dialled {
  connection: Connection;
  /** several clients use it */
  shared: boolean;
  /** closed when nobody used it for this long, milliseconds */
  idleMs: number;
  /** to be called when it is closed */
  release: () => void;
}

/** Who a connection is for, and which protocol that client speaks. */
export type DialledFor = Pick<UpstreamClient, 'affinity' | 'declared' | 'era'>;

/**
 * The key of a client's own connection. `declared`: what its server is told once that it can do. The length in front says where the affinity ends,
 * which may hold whatever a client calls itself.
 */
export function buildOwnKey({ affinity, declared }: Pick<DialledFor, 'affinity' | 'declared'>): string {
  return buildOwnPrefix(affinity) + declared;
}

/** Whether this is the key of a connection of its own of that client. */
export function isOwnKey(key: string, affinity: string): boolean {
  return key.startsWith(buildOwnPrefix(affinity));
}

const buildOwnPrefix = (affinity: string): string => `${affinity.length}:${affinity}`;

/** What differs between the transports to a server: who shares a connection, and how one is made. */
export interface Dialer {
  /** The key of the connection for a client. Where the server has to be asked for that, `admit` is asked first. */
  resolveKey(client: DialledFor, admit: () => Attempt): Promise<string> | string;
  /** The key of the connection of the newer protocol, also for clients of the older one; null where it is not known to be spoken. */
  getNewerKey(): string | null;
  /** Rejects with UpstreamFailure or the cause; then nothing is left open. */
  dial(request: DialRequest): Promise<Dialled>;
  /** A connection of the newer protocol broke: the server may not speak it any more. */
  forget(): void;
  close(): void;
}
