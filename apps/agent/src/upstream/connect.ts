import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import type { Logger } from 'pino';

import type { HeaderCredential, SnapshotServer } from '@gatehouse/policy/snapshot';

import type { StdioEntry } from '../config/stdio-entry.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { SecretUnavailable, type ResolveSecret } from '../secrets/resolve.ts';
import { bindFetch, type BoundFetch } from './bound-fetch.ts';
import { CallStopped, toUpstreamFailure } from './failure.ts';
import { StdioTransport } from './stdio-transport.ts';

export interface UpstreamDeps {
  outbound: Outbound;
  resolveSecret: ResolveSecret;
  /** verifies the entry's hashes now; rejects with StdioEntryRefused */
  openStdioEntry(name: string): Promise<StdioEntry>;
  /** the agent's own environment, of which a stdio entry gets the variables that it names */
  environment: Readonly<Record<string, string | undefined>>;
  log: Logger;
  agentVersion: string;
}

export interface ConnectOptions {
  signal: AbortSignal;
  /** the other end answered or, for stdio, its process runs; MCP begins */
  onConnected?: () => void;
  /** do not ask for the newer protocol: this server is known not to speak it */
  legacyOnly?: boolean;
  /** the server says that its tools have changed */
  onToolsChanged?: () => void;
}

/** An initialised MCP connection. */
export interface Connection {
  client: Client;
  era: 'legacy' | 'modern';
  protocolVersion: string;
  http: { url: URL; fetch: BoundFetch; sessionId(): string | undefined } | null;
  /** called once, when the other end is gone for good */
  onLost(listener: () => void): void;
  /** what the other end did to be given up; null when nothing is known against it */
  failure(): Error | null;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 20_000;
/** A stdio server that does not know the question may simply not answer it. */
const STDIO_PROBE_TIMEOUT_MS = 3_000;

/** Connects to a server and finds out which protocol it speaks. Rejects with UpstreamFailure; then nothing is left running. */
export async function connectUpstream(server: SnapshotServer, deps: UpstreamDeps, options: ConnectOptions): Promise<Connection> {
  try {
    options.signal.throwIfAborted();
    const { transport } = server;
    if (transport.kind === 'stdio') return await connectStdio(server, await deps.openStdioEntry(transport.entry), deps, options);
    const url = new URL(transport.url);
    const secret = transport.credential && (await deps.resolveSecret(transport.credential.reference));
    return await connectHttp(
      url,
      bindFetch(deps.outbound, url.origin, credentialHeader(transport.credential, secret)),
      deps,
      options,
    );
  } catch (error) {
    throw toUpstreamFailure(error, options.signal);
  }
}

function credentialHeader(credential: HeaderCredential | null, secret: string | null): [name: string, value: string] | null {
  if (!credential || secret === null) return null;
  // checked here, because the error that fetch would throw repeats the value
  if (!/^[\t\x20-\x7e]*$/.test(secret)) {
    throw new SecretUnavailable(`${credential.reference} holds characters that an HTTP header cannot carry.`);
  }
  return [credential.header, credential.prefix + secret];
}

async function connectHttp(url: URL, fetch: BoundFetch, deps: UpstreamDeps, options: ConnectOptions): Promise<Connection> {
  let answered = false;
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: async (input, init) => {
      const response = await fetch(new URL(input), {
        method: init?.method,
        headers: new Headers(init?.headers),
        body: typeof init?.body === 'string' ? init.body : undefined,
        signal: init?.signal,
      });
      if (!answered) options.onConnected?.();
      answered = true;
      return response;
    },
  });
  const client = await initialise(transport, deps, options, CONNECT_TIMEOUT_MS);
  return {
    ...describe(client),
    http: { url, fetch, sessionId: () => transport.sessionId },
    onLost: () => undefined,
    failure: () => null,
    close: async () => {
      if (transport.sessionId !== undefined) {
        await transport
          .terminateSession()
          .catch((error: unknown) => deps.log.debug({ err: error }, 'session of an upstream not ended'));
      }
      await client.close();
    },
  };
}

async function connectStdio(
  server: SnapshotServer,
  entry: StdioEntry,
  deps: UpstreamDeps,
  options: ConnectOptions,
): Promise<Connection> {
  const log = deps.log.child({ server: server.slug });
  await holdSecrets(entry, deps);
  const transport = new StdioTransport({
    entry,
    environment: deps.environment,
    onLog: (line) => log.info({ line: line.slice(0, 2_000) }, 'stdio server'),
    onStarted: options.onConnected,
  });
  let client: Client;
  try {
    client = await initialise(transport, deps, options, STDIO_PROBE_TIMEOUT_MS);
  } catch (error) {
    await transport.close();
    // some servers end when they are asked anything before `initialize`
    if (options.legacyOnly || options.signal.aborted || transport.pid === null) throw error;
    return connectStdio(server, entry, deps, { ...options, legacyOnly: true });
  }
  return {
    ...describe(client),
    http: null,
    onLost: (listener) => {
      client.onclose = listener;
    },
    failure: () => transport.failure,
    close: () => client.close(),
  };
}

/** A variable that is a secret by its name is a credential that the agent hands on: known from now on wherever it turns up. */
async function holdSecrets(entry: StdioEntry, { environment, resolveSecret }: UpstreamDeps): Promise<void> {
  const secret = entry.env.filter((name) => /KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH|DSN/i.test(name) && environment[name]);
  await Promise.all(secret.map((name) => resolveSecret(`env:${name}`)));
}

/** Negotiates the protocol. The transport is closed when that fails or is stopped. */
async function initialise(transport: Transport, deps: UpstreamDeps, options: ConnectOptions, probeMs: number): Promise<Client> {
  const { legacyOnly, onToolsChanged } = options;
  const client = new Client(
    { name: 'gatehouse-agent', version: deps.agentVersion },
    {
      capabilities: {},
      versionNegotiation: { mode: legacyOnly ? 'legacy' : 'auto', probe: { timeoutMs: probeMs } },
      listChanged: onToolsChanged && { tools: { autoRefresh: false, debounceMs: 0, onChanged: onToolsChanged } },
    },
  );
  client.onerror = (error) => deps.log.debug({ err: error }, 'upstream connection');
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(options.signal.reason ?? new CallStopped('cancelled'));
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    await Promise.race([client.connect(transport, { timeout: CONNECT_TIMEOUT_MS }), stopped.promise]);
    return client;
  } catch (error) {
    await transport.close();
    throw error;
  } finally {
    options.signal.removeEventListener('abort', stop);
  }
}

function describe(client: Client): Pick<Connection, 'client' | 'era' | 'protocolVersion'> {
  return {
    client,
    era: client.getProtocolEra() ?? 'legacy',
    protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
  };
}
