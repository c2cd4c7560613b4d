import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import { LISTEN_LIMITS, listenHttp, type ListenLimits } from '../http/listener.ts';
import type { TlsFiles } from '../http/tls-files.ts';
import type { TlsState } from '../http/tls-reload.ts';
import type { OpsHandler } from '../ops/ops-handler.ts';
import { CallTrail } from '../call/trail.ts';
import { allOf, type Door, isEveryAddress, openDoor, publicUrl } from '../http/host-guard.ts';
import type { EndpointDeps, EndpointRequest } from './endpoint.ts';
import { FailureBudget } from './failure-budget.ts';
import type { CallDeps } from '../call/handle-call.ts';
import { sendHumanPage } from './human-page.ts';
import { type Caller, identify, type IdentityRefusal, isStillValid } from '../call/client-key.ts';
import { handleLegacyDelete, handleLegacyGet, refuseMethod } from './legacy/endpoint.ts';
import { ModernEndpoint } from './modern/endpoint.ts';
import { OpenWork, refuseWhileClosing } from './open-work.ts';
import { handlePost } from './post.ts';
import { RequestStates } from '../call/request-state.ts';
import { sendError, sendJson } from '../http/reply.ts';
import { DEFAULT_SESSION_LIMITS, type SessionLimits, Sessions } from './legacy/sessions.ts';
import { HEADER, RpcCode } from '../wire/protocol.ts';

export interface McpListenerOptions extends Omit<CallDeps, 'states'> {
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
  /** longest time an upstream may take, milliseconds */
  deadlineMs?: number;
  drain?: Partial<DrainTimes>;
  agentVersion: string;
}

export interface DrainTimes {
  /** milliseconds for which /readyz says that the agent is going away while it still takes everything */
  noticeMs: number;
  /** milliseconds for calls under way after that */
  graceMs: number;
}

export interface McpListener {
  /** base URL at the address that is listened on, without a trailing slash */
  url: string;
  /** base URL to tell people */
  publicUrl: string;
  openSessions(): number;
  /** null without TLS */
  tls(): TlsState | null;
  isDraining(): boolean;
  /**
   * Drains: calls under way may end within the grace and are then cancelled, new work is refused with 503, streams are told to end.
   * Resolves when no connection is open.
   */
  close(): Promise<void>;
}

const DEFAULT_DEADLINE_MS = 60_000;
const DEFAULT_DRAIN: DrainTimes = { noticeMs: 0, graceMs: 10_000 };
const RETRY_AFTER = { 'retry-after': '5' };

/** Starts to listen for AI clients. Rejects when the address cannot be had, or with TlsFilesError. */
export async function startMcpListener(options: McpListenerOptions): Promise<McpListener> {
  const { current, log, now, publicHosts = [] } = options;
  const drain = { ...DEFAULT_DRAIN, ...options.drain };
  const clock = () => performance.now();
  const work = new OpenWork();
  const sessions = new Sessions({ ...DEFAULT_SESSION_LIMITS, ...options.sessions }, options, clock);
  const states = new RequestStates(now);
  const deps: EndpointDeps = { ...options, deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS, sessions, work, states };
  const modern = new ModernEndpoint(deps);
  const admit = createAdmission(options, clock);
  const turns = new Turns();
  let draining = false;

  const unsubscribe = current.onChange(() => {
    const compiled = current.get()?.compiled;
    if (!compiled) return;
    const mayServe = current.standing() === 'good';
    const isValid = (key: SnapshotClientKey) => mayServe && isStillValid(compiled, key, now());
    work.stopRevoked(isValid);
    sessions.review(compiled, ({ key }) => isValid(key));
    modern.review(compiled);
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const framing = framingProblem(request) ?? turns.problem(request, response);
    if (framing) return refuseFraming(response, framing);
    const refusal = door(request);
    if (options.ops?.(request, response, refusal === null ? 'all' : 'probes')) return;
    if (refusal) return sendJson(response, 403, { jsonrpc: '2.0', id: null, error: { code: RpcCode.refused, message: refusal } });
    const [, slug, query] = /^\/p\/([a-z0-9-]{1,40})\/mcp\/?(\?.*)?$/.exec(request.url ?? '') ?? [];
    if (slug === undefined) return sendJson(response, 404, { error: 'There is nothing here. An endpoint is /p/<profile>/mcp.' });
    if (query !== undefined) return sendError(response, 400, null, { code: RpcCode.refused, message: QUERY_REFUSED });
    if (isBrowser(request)) return sendHumanPage(response, `${baseUrlOf(request)}/p/${slug}/mcp`);
    if (work.isClosing() && beginsWork(request)) return refuseWhileClosing(response);
    const admitted = admit(request, response, slug);
    if (!admitted) return;
    switch (request.method) {
      case 'POST':
        return handlePost(deps, modern, { request, response, ...admitted });
      case 'GET':
        return handleLegacyGet(deps, { request, response, ...admitted });
      case 'DELETE':
        return handleLegacyDelete(deps, { request, response, ...admitted });
      default:
        return refuseMethod(response);
    }
  }

  const { host, port: wanted, tls = null } = options;
  const limits = { ...LISTEN_LIMITS, ...options.limits };
  const listener = await listenHttp({ host, port: wanted, tls, limits, log, now }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return response.destroy();
      log.error({ err: error }, 'a request failed inside the agent');
      sendError(response, 500, null, { code: RpcCode.internal, message: 'The agent failed while handling this request.' });
    });
  });
  const { scheme, port } = listener;
  const door: Door = openDoor({ scheme, host, port, publicHosts });
  const url = `${scheme}://${urlHost(host)}:${port}`;
  const [firstPublic] = publicHosts;
  const baseUrlOf = ({ headers }: IncomingMessage) =>
    publicHosts.includes(headers.host ?? '') ? publicUrl(scheme, headers.host ?? '') : `${scheme}://${headers.host}`;

  return {
    url,
    publicUrl: firstPublic === undefined ? url : publicUrl(scheme, firstPublic),
    openSessions: () => sessions.count(),
    tls: () => listener.tls(),
    isDraining: () => draining,
    async close() {
      draining = true;
      await delay(drain.noticeMs);
      work.beginClosing();
      await work.finishCalls(drain.graceMs);
      unsubscribe();
      modern.close();
      sessions.close();
      await work.finishStreams();
      await listener.close();
    },
  };
}

const QUERY_REFUSED =
  'The address takes no query. Send the client key in the Authorization header, and make a new one if it stood in the address.';

/** Who calls; null after a refusal was answered. */
function createAdmission({ current, journal, now }: McpListenerOptions, clock: () => number) {
  const failures = new FailureBudget(clock);
  const trails = { journal, now, clock };
  return (
    request: IncomingMessage,
    response: ServerResponse,
    profileSlug: string,
  ): Pick<EndpointRequest, 'caller' | 'trail'> | null => {
    const refuse = (status: number, message: string, headers: Record<string, string> = {}) => {
      sendError(response, status, null, { code: RpcCode.refused, message }, headers);
      return null;
    };
    const config = current.get();
    if (!config) return refuse(503, 'This agent has no configuration yet. Publish a profile at its site.', RETRY_AFTER);
    if (current.standing() !== 'good') {
      return refuse(403, 'This agent may not serve any more. Ask an administrator to enrol it again.');
    }
    const trail = new CallTrail(trails, config.snapshot.version);
    const identity = identify(config.compiled, { authorization: allOf(request, 'authorization'), profileSlug }, now());
    if (identity.ok) return { caller: identity.caller, trail: knowCaller(trail, identity.caller) };
    if (!failures.spend(request.socket.remoteAddress ?? '')) {
      return refuse(429, 'Too many refused attempts. Wait a minute.', { 'retry-after': '60' });
    }
    recordRefusal(request, trail, identity);
    const { code, message } = identity;
    return refuse(401, message, { 'www-authenticate': challenge(code, message) });
  };
}

/** Any other coding leaves it to each reader where the body ends. */
function framingProblem({ headers }: IncomingMessage): string | null {
  const coding = headers['transfer-encoding'];
  return coding === undefined || coding.toLowerCase() === 'chunked' ? null : 'Transfer-Encoding may only be chunked.';
}

/** No client sends a request before the answer to the one before; whoever does makes one connection hold any number of answers. */
class Turns {
  readonly #last = new WeakMap<Socket, ServerResponse>();

  problem({ socket }: IncomingMessage, response: ServerResponse): string | null {
    const before = this.#last.get(socket);
    if (before && !before.writableEnded) return 'Send one request at a time on a connection.';
    this.#last.set(socket, response);
    return null;
  }
}

function refuseFraming(response: ServerResponse, message: string): void {
  sendError(response, 400, null, { code: RpcCode.invalidRequest, message }, { connection: 'close' });
}

/** Of a request inside a session only its body tells: it may be the answer that a call under way waits for. */
function beginsWork({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' || (method === 'POST' && headers[HEADER.sessionId] === undefined);
}

/** The address as part of a URL; an address that means all of them is reached on loopback. */
function urlHost(host: string): string {
  if (isEveryAddress(host)) return host.includes(':') ? '[::1]' : '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function isBrowser({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.authorization === undefined && /text\/html/.test(headers.accept ?? '');
}

function knowCaller(trail: CallTrail, { key, profile }: Caller): CallTrail {
  trail.facts.keyId = key.keyId;
  trail.facts.personId = key.personId;
  trail.knowProfile(profile);
  trail.pass('identity');
  return trail;
}

/** A refused attempt leaves a receipt when it says something about somebody: about a profile, or about the owner of a key. */
function recordRefusal(request: IncomingMessage, trail: CallTrail, { code, keyId, personId, profile }: IdentityRefusal): void {
  if (request.method !== 'POST' || (!profile && !keyId)) return;
  trail.facts.keyId = keyId;
  trail.facts.personId = personId;
  if (profile) trail.knowProfile(profile);
  trail.fail('identity', code);
  trail.end(code);
}

/** RFC 6750: no error code for a request that shows no key at all. */
function challenge(code: IdentityRefusal['code'], message: string): string {
  const realm = 'Bearer realm="gatehouse"';
  return code === 'identity_missing'
    ? realm
    : `${realm}, error="invalid_token", error_description="${message.replaceAll('"', "'")}"`;
}
