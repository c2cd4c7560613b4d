import type { OpsHandler } from '@gatehouse/process/ops-server';

import { isStillValid } from '../call/client-key.ts';
import type { CallDeps } from '../call/handle-call.ts';
import { HeldReceipts } from '../call/held-receipts.ts';
import { RequestStates } from '../call/request-state.ts';
import { createHostGuard } from '../http/host-guard.ts';
import { IdleCollection } from '../http/idle-collection.ts';
import { InFlight, type InFlightLimits } from '../http/in-flight.ts';
import { listenHttp, LISTEN_LIMITS, type ListenLimits } from '../http/listener.ts';
import { formatListenUrl, formatPublicUrl } from '../http/own-urls.ts';
import type { TlsFiles } from '../http/tls-files.ts';
import type { TlsState } from '../http/tls-reload.ts';
import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import { Admission } from './admission.ts';
import { DEFAULT_DRAIN, drain, type DrainTimes } from './drain.ts';
import type { EndpointDeps } from './endpoint.ts';
import { LegacyEndpoint } from './legacy/endpoint.ts';
import { DEFAULT_SESSION_LIMITS, Sessions, type SessionLimits } from './legacy/sessions.ts';
import { ModernEndpoint } from './modern/endpoint.ts';
import { type FindStopReason, OpenWork } from './open-work.ts';
import { Router } from './router.ts';

export interface McpListenerOptions extends Omit<CallDeps, 'states' | 'work' | 'held'> {
  scrub: CredentialScrub;
  host: string;
  /** 0: any free port */
  port: number;
  /** null or left out: plain HTTP, for loopback only */
  tls?: TlsFiles | null;
  /** further `host` or `host:port` under which clients reach the listener; the first one is the one to tell people */
  publicHosts?: readonly string[];
  /** answers operations requests, in full under one of our own names */
  ops?: OpsHandler;
  sessions?: Partial<SessionLimits>;
  limits?: Partial<ListenLimits>;
  inFlight?: Partial<InFlightLimits>;
  drain?: Partial<DrainTimes>;
  agentVersion: string;
}

export interface McpListener {
  /** base URL at the address that is listened on, without a trailing slash */
  url: string;
  /** base URL to tell people */
  publicUrl: string;
  openSessions(): number;
  /** null without TLS */
  getTls(): TlsState | null;
  isDraining(): boolean;
  /**
   * Drains: calls under way may end within the grace and are then cancelled, new work is refused with 503, streams are told to end.
   * Resolves when no connection is open. Closing twice is closing once.
   */
  close(): Promise<void>;
}

/** Starts to listen for AI clients. Rejects when the address cannot be had, or with TlsFilesError. */
export async function startMcpListener(options: McpListenerOptions): Promise<McpListener> {
  const { host, tls = null, publicHosts = [], current, log, now } = options;
  const limits = { ...LISTEN_LIMITS, ...options.limits };
  const listener = await listenHttp({ host, port: options.port, tls, limits, log, now });
  const { scheme, port } = listener;
  const readClock = () => performance.now();
  const work = new OpenWork();
  const states = new RequestStates(now);
  const held = new HeldReceipts({ current, now, work });
  const deps: EndpointDeps = { ...options, work, states, held };
  const sessions = new Sessions({ ...DEFAULT_SESSION_LIMITS, ...options.sessions }, options, readClock);
  const legacy = new LegacyEndpoint(deps, sessions);
  const modern = new ModernEndpoint(deps);
  const endpoints = [modern, legacy];
  const collection = new IdleCollection();
  const router = new Router({
    legacy,
    modern,
    work,
    inFlight: new InFlight(options.inFlight, collection),
    hostGuard: createHostGuard({ scheme, host, port, publicHosts }),
    admission: new Admission(options, readClock),
    ops: options.ops,
    formatBaseUrl: ({ headers: { host: asked = '' } }) =>
      publicHosts.includes(asked) ? formatPublicUrl(scheme, asked) : `${scheme}://${asked}`,
    log,
  });
  const unsubscribe = current.onChange(() => {
    const config = current.get();
    if (!config) return;
    const standing = current.findStandingRefusal(now().getTime());
    const findReason: FindStopReason = (key, session) => {
      if (standing) return standing.code;
      if (!isStillValid(config, key, now())) return 'identity_revoked';
      return session && config.revocations.countSessionEnds(key) > session.endsAtOpening ? 'cancelled' : null;
    };
    work.stopRevoked(findReason);
    for (const endpoint of endpoints) endpoint.review(config.compiled, findReason);
  });
  listener.serve((request, response) => router.handle(request, response));

  const url = formatListenUrl(scheme, host, port);
  const [firstPublic] = publicHosts;
  let draining = false;
  let closed: Promise<void> | null = null;
  async function close(): Promise<void> {
    draining = true;
    await drain({ work, endpoints, listener }, { ...DEFAULT_DRAIN, ...options.drain });
    unsubscribe();
    collection.close();
  }
  return {
    url,
    publicUrl: firstPublic === undefined ? url : formatPublicUrl(scheme, firstPublic),
    openSessions: () => sessions.count(),
    getTls: () => listener.getTls(),
    isDraining: () => draining,
    close: () => (closed ??= close()),
  };
}
