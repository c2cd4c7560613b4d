import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import type { SnapshotClientKey } from '@gatehouse/policy/snapshot';

import type { OpsHandler } from '../ops/ops-handler.ts';
import { CallTrail } from './call-trail.ts';
import { allOf, refuseAtDoor } from './door.ts';
import type { EndpointDeps } from './endpoint.ts';
import { FailureBudget } from './failure-budget.ts';
import type { ToolCallDeps } from './handle-tool-call.ts';
import { sendHumanPage } from './human-page.ts';
import { identify, isStillValid, type Caller, type IdentityRefusal } from './identity.ts';
import { handleLegacyDelete, handleLegacyGet, refuseMethod, type LegacyRequest } from './legacy.ts';
import { ModernEndpoint } from './modern.ts';
import { OpenWork } from './open-work.ts';
import { handlePost } from './post.ts';
import { RpcCode, sendError, sendJson } from './reply.ts';
import { DEFAULT_SESSION_LIMITS, Sessions, type SessionLimits } from './sessions.ts';

export interface McpListenerOptions extends Omit<ToolCallDeps, 'deadlineMs'> {
  host: string;
  /** 0: any free port */
  port: number;
  /** further `host:port` under which clients reach the listener, for example through a proxy */
  publicHosts?: readonly string[];
  /** answers operations requests; called for every request under one of our own names */
  ops?: OpsHandler;
  sessions?: Partial<SessionLimits>;
  /** longest time an upstream may take, milliseconds */
  deadlineMs?: number;
  agentVersion: string;
}

export interface McpListener {
  /** base URL, without a trailing slash */
  url: string;
  openSessions(): number;
  /** Resolves when no connection is open; calls under way get ten seconds to end. */
  close(): Promise<void>;
}

const DEFAULT_DEADLINE_MS = 60_000;
const CLOSE_GRACE_MS = 10_000;

/** Starts to listen for AI clients. Rejects when the address cannot be had. */
export async function startMcpListener(options: McpListenerOptions): Promise<McpListener> {
  const { current, log, now } = options;
  const clock = () => performance.now();
  const work = new OpenWork();
  const sessions = new Sessions({ ...DEFAULT_SESSION_LIMITS, ...options.sessions }, clock);
  const deps: EndpointDeps = { ...options, deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS, sessions, work };
  const modern = new ModernEndpoint(deps);
  const failures = new FailureBudget(clock);
  const trails = { journal: options.journal, now, clock };

  const unsubscribe = current.onChange(() => {
    const compiled = current.get()?.compiled;
    if (!compiled) return;
    const mayServe = current.standing() === 'good';
    const isValid = (key: SnapshotClientKey) => mayServe && isStillValid(compiled, key, now());
    work.stopRevoked(isValid);
    sessions.review(compiled, ({ caller }) => isValid(caller.key));
    modern.review(compiled);
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refuseAtDoor(request, port, { host: options.host, publicHosts: options.publicHosts ?? [] });
    if (refusal) return sendJson(response, 403, { jsonrpc: '2.0', id: null, error: { code: RpcCode.refused, message: refusal } });
    if (options.ops?.(request, response)) return;
    const slug = /^\/p\/([a-z0-9-]{1,40})\/mcp\/?(?:\?|$)/.exec(request.url ?? '')?.[1];
    if (slug === undefined) return sendJson(response, 404, { error: 'There is nothing here. An endpoint is /p/<profile>/mcp.' });
    if (isBrowser(request)) return sendHumanPage(response, `http://${request.headers.host}/p/${slug}/mcp`);
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

  /** Who calls; null after a refusal was answered. */
  function admit(
    request: IncomingMessage,
    response: ServerResponse,
    profileSlug: string,
  ): Pick<LegacyRequest, 'caller' | 'trail'> | null {
    const config = current.get();
    const refused = { code: RpcCode.refused, message: '' };
    if (!config) {
      const message = 'This agent has no configuration yet. Publish a profile at its site.';
      sendError(response, 503, null, { ...refused, message }, { 'retry-after': '5' });
      return null;
    }
    if (current.standing() !== 'good') {
      sendError(response, 403, null, {
        ...refused,
        message: 'This agent may not serve any more. Ask an administrator to enrol it again.',
      });
      return null;
    }
    const trail = new CallTrail(trails, config.snapshot.version);
    const identity = identify(config.compiled, { authorization: allOf(request, 'authorization'), profileSlug }, now());
    if (identity.ok) return { caller: identity.caller, trail: knowCaller(trail, identity.caller) };
    if (!failures.spend(request.socket.remoteAddress ?? '')) {
      sendError(
        response,
        429,
        null,
        { ...refused, message: 'Too many refused attempts. Wait a minute.' },
        { 'retry-after': '60' },
      );
      return null;
    }
    recordRefusal(request, trail, identity);
    const { code, message } = identity;
    sendError(response, 401, null, { ...refused, message }, { 'www-authenticate': challenge(code, message) });
    return null;
  }

  const server = createServer(
    { requireHostHeader: false, headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 },
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        if (request.destroyed && !request.complete) return response.destroy();
        log.error({ err: error }, 'a request failed inside the agent');
        sendError(response, 500, null, { code: -32603, message: 'The agent failed while handling this request.' });
      });
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;

  return {
    url: `http://${host}:${port}`,
    openSessions: () => sessions.count(),
    async close() {
      unsubscribe();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await work.close(CLOSE_GRACE_MS);
      sessions.close();
      await modern.close();
      server.closeAllConnections();
      await closed;
    },
  };
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
