import type { Logger } from 'pino';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { StdioEntry } from '../../config/stdio-entry.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import type { ResolveSecret } from '../../secrets/resolve.ts';
import { bindRequest } from '../http/bound-request.ts';
import type { ClientFacts, Connection, ServerMessage } from './connection.ts';
import { createAuthorizer, type Authorizer } from '../credentials/authorizer.ts';
import { CallStopped, UnknownRevision, UpstreamFailure } from '../failure.ts';
import type { ServerFacts } from './introductions.ts';
import { connectLegacyHttp, type HttpOptions } from '../http/legacy-http.ts';
import type { MemoryWatch } from '../stdio/memory-watch.ts';
import { discoverOverHttp } from '../http/modern-http.ts';
import { connectPipe } from './pipe-connection.ts';
import { SsePipe } from '../http/sse-pipe.ts';
import { StdioPipe } from '../stdio/stdio-pipe.ts';

export interface UpstreamDeps {
  outbound: Outbound;
  resolveSecret: ResolveSecret;
  /** verifies the entry's hashes now; rejects with StdioEntryRefused */
  openStdioEntry: (name: string) => Promise<StdioEntry>;
  /** the agent's own environment, of which a stdio entry gets the variables that it names */
  environment: Readonly<Record<string, string | undefined>>;
  /** told every secret that is derived from others before it is used */
  onSecret: (value: string) => void;
  now: () => Date;
  log: Logger;
  agentVersion: string;
}

export type HttpTransport = Extract<SnapshotServer['transport'], { kind: 'http' }>;

/** How a server over HTTP is spoken to. */
export type HttpVerdict = { era: 'modern'; facts: ServerFacts } | { era: 'legacy'; sse: boolean };

export interface StdioOptions {
  client: ClientFacts;
  /** several clients use the process */
  shared: boolean;
  /** do not ask for the newer protocol: this server is known not to speak it */
  legacyOnly: boolean;
  memory: MemoryWatch;
  onMessage: (message: ServerMessage) => void;
  /** the process runs; MCP begins */
  onStarted?: () => void;
  /** the server did not answer which protocol it speaks */
  onSilent?: () => void;
  signal: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 20_000;

/** Runs a task that has to be done in 20 s, with a signal that also follows the given one. */
export async function withinConnectTime<T>(signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const follow = () => stop.abort(signal.reason);
  const timer = setTimeout(() => stop.abort(new CallStopped('upstream_timeout')), CONNECT_TIMEOUT_MS);
  signal.addEventListener('abort', follow, { once: true });
  try {
    return await task(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}

/** Who authenticates the requests to a server; to be kept for as long as its definition stays. */
export function authorizerOf({ url, credential }: HttpTransport, deps: UpstreamDeps): Authorizer {
  return createAuthorizer(credential, new URL(url).origin, deps);
}

/** What all connections to a server share: its address and its credential. */
export function httpOptionsOf(
  { url: address }: HttpTransport,
  authorizer: Authorizer,
  deps: UpstreamDeps,
  on: { message: (message: ServerMessage) => void; answered?: () => void },
): HttpOptions {
  const url = new URL(address);
  const send = bindRequest(deps.outbound, url.origin, authorizer);
  return {
    url,
    send: async (target, init) => {
      const answer = await send(target, init);
      on.answered?.();
      return answer;
    },
    onMessage: on.message,
    log: deps.log,
  };
}

/**
 * Finds out whether a server over HTTP speaks the newer protocol. Statuses that say nothing about that, and a network that fails, reject with
 * UpstreamFailure or the cause.
 */
export async function probeHttp(options: HttpOptions, client: ClientFacts, signal: AbortSignal): Promise<HttpVerdict> {
  const facts = await discoverOverHttp(options, client, signal).catch((error: unknown) => {
    if (error instanceof UpstreamFailure && error.code === 'upstream_protocol' && !(error instanceof UnknownRevision))
      return null;
    throw error;
  });
  return facts ? { era: 'modern', facts } : { era: 'legacy', sse: false };
}

/** Connects to a server of the older protocol: Streamable HTTP, or HTTP+SSE where that is all it knows. `sse` says which it was. */
export async function connectLegacy(
  options: HttpOptions,
  client: ClientFacts,
  known: { sse: boolean },
  signal: AbortSignal,
): Promise<{ connection: Connection; sse: boolean }> {
  const { onMessage, log } = options;
  const overSse = async () => {
    const pipe = new SsePipe(options);
    return {
      connection: await connectPipe({ pipe, client, shared: false, legacyOnly: true, onMessage, log }, signal),
      sse: true,
    };
  };
  if (known.sse) return overSse();
  try {
    return { connection: await connectLegacyHttp(options, client, signal), sse: false };
  } catch (error) {
    const refused = error instanceof UpstreamFailure && error.status !== null && [400, 404, 405].includes(error.status);
    if (!refused) throw error;
    return await overSse().catch((second: unknown) => {
      // what the newer way answered says more, unless the older one was begun and refused by us
      throw second instanceof UpstreamFailure ? error : second;
    });
  }
}

/** Starts the process of an entry and connects to it. Rejects with UpstreamFailure or the cause; then nothing is left running. */
export async function connectStdio(
  server: Pick<SnapshotServer, 'slug'>,
  entry: StdioEntry,
  deps: UpstreamDeps,
  options: StdioOptions,
): Promise<Connection> {
  const log = deps.log.child({ server: server.slug });
  await holdSecrets(entry, deps);
  const pipe = new StdioPipe({
    entry,
    environment: deps.environment,
    memory: options.memory,
    onLog: (line) => log.info({ line }, 'stdio server'),
    onStarted: options.onStarted,
  });
  const { client, shared, legacyOnly, onMessage, onSilent, signal } = options;
  try {
    return await connectPipe({ pipe, client, shared, legacyOnly, onMessage, onSilent, log }, signal);
  } catch (error) {
    // some servers end when they are asked anything before `initialize`
    if (legacyOnly || signal.aborted || !pipe.started) throw error;
    return connectStdio(server, entry, deps, { ...options, legacyOnly: true });
  }
}

/** A variable that is a secret by its name is a credential that the agent hands on: known from now on wherever it turns up. */
async function holdSecrets(entry: StdioEntry, { environment, resolveSecret }: UpstreamDeps): Promise<void> {
  const secret = entry.env.filter((name) => /KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH|DSN/i.test(name) && environment[name]);
  await Promise.all(secret.map((name) => resolveSecret(`env:${name}`)));
}
