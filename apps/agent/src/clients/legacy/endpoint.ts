import type { IncomingMessage, ServerResponse } from 'node:http';

import * as z from 'zod';

import type { JsonObject } from '@gatehouse/policy/documents/json';

import { capabilitiesOf, serversOf } from '../capabilities.ts';
import { isCallMethod } from '../../call/request.ts';
import { readCompletion } from '../completion.ts';
import { single } from '../../http/host-guard.ts';
import {
  acceptsStream,
  type ClientRequest,
  type EndpointDeps,
  type EndpointRequest,
  notServing,
  refuseMalformed,
  runCall,
  type Running,
  runRelayed,
  serverInfo,
  startRequest,
} from '../endpoint.ts';
import { LegacySide } from './side.ts';
import { listOf } from '../lists.ts';
import { refuseWhileClosing } from '../open-work.ts';
import {
  HEADER,
  LEGACY_VERSIONS,
  LOG_LEVELS,
  METHOD,
  MODERN_VERSIONS,
  NEWEST_LEGACY_VERSION,
  NOTIFICATION,
  RpcCode,
} from '../../wire/protocol.ts';
import { sendAccepted, sendError, sendResult } from '../../http/reply.ts';
import type { Session } from './session.ts';
import { setLogLevel, subscribe, tellRootsChanged } from './session-relay.ts';
import { METHOD_NOT_FOUND, type RpcAnswer, type RpcId } from '../../wire/json-rpc.ts';
import { getMeta } from '../../wire/meta.ts';
import type { ClientMessage } from '../../wire/client-message.ts';

/** Params of `initialize`; keys that this revision does not know are kept for the servers. */
const InitializeParams = z.looseObject({
  protocolVersion: z.string(),
  capabilities: z.record(z.string(), z.unknown()),
  clientInfo: z.looseObject({ name: z.string(), version: z.string(), title: z.string().optional() }),
});

/** POST: opens a session, or takes one message of it. */
export function handleLegacyPost(deps: EndpointDeps, endpoint: EndpointRequest, message: ClientMessage): Promise<void> | void {
  if (message.kind === 'request' && message.method === METHOD.initialize) return initialize(deps, endpoint, message);
  const session = findSession(deps, endpoint);
  if (!session) return refuseSession(endpoint, message);
  const unknownVersion = unknownVersionOf(endpoint.request);
  if (unknownVersion !== null) {
    const data = { supported: [...MODERN_VERSIONS, ...LEGACY_VERSIONS], requested: unknownVersion };
    const error = { code: RpcCode.unsupportedVersion, message: 'Unsupported protocol version', data };
    return isCall(message)
      ? refuseMalformed(endpoint, 400, idOf(message), error)
      : sendError(endpoint.response, 400, idOf(message), error);
  }
  switch (message.kind) {
    case 'request':
      if (deps.work.isClosing()) return refuseWhileClosing(endpoint.response);
      return handleRequest(deps, endpoint, session, message);
    case 'notification':
      handleNotification(deps, session, message.method, message.params);
      return sendAccepted(endpoint.response);
    case 'answer':
      session.questions.answered(message.id, message.answer);
      return sendAccepted(endpoint.response);
  }
}

/** GET: the stream for messages that answer no request. */
export function handleLegacyGet(deps: EndpointDeps, endpoint: EndpointRequest): void {
  const session = existingSession(deps, endpoint);
  if (!session) return;
  if (!acceptsStream(endpoint.request)) {
    return sendError(endpoint.response, 406, null, { code: RpcCode.refused, message: 'Accept has to name text/event-stream.' });
  }
  deps.work.startStream(endpoint.caller.key, endpoint.response);
  session.openStream(endpoint.response, endpoint.caller.profile);
}

/** DELETE: ends the session. */
export function handleLegacyDelete(deps: EndpointDeps, endpoint: EndpointRequest): void {
  const session = existingSession(deps, endpoint);
  if (!session) return;
  deps.sessions.end(session, 'cancelled');
  endpoint.response.writeHead(200).end();
}

export function refuseMethod(response: ServerResponse): void {
  sendError(response, 405, null, { code: RpcCode.refused, message: 'Method not allowed.' }, { allow: 'POST' });
}

function initialize(deps: EndpointDeps, { response, caller }: EndpointRequest, { id, params }: ClientRequest): void {
  const parsed = InitializeParams.safeParse(params);
  if (!parsed.success) {
    return sendError(response, 200, id, { code: RpcCode.invalidParams, message: 'Invalid params of initialize.' });
  }
  const { protocolVersion: wanted, capabilities, clientInfo } = parsed.data;
  const protocolVersion = LEGACY_VERSIONS.includes(wanted) ? wanted : NEWEST_LEGACY_VERSION;
  const { name, version, title } = clientInfo;
  const info = { name, version, ...(title !== undefined && { title }) };
  const session = deps.sessions.open(caller, { info, capabilities, protocolVersion });
  if (!session) {
    const error = { code: RpcCode.refused, message: 'Too many sessions are open. Close one or try again later.' };
    return sendError(response, 503, id, error);
  }
  const { profile } = caller;
  const result = {
    protocolVersion,
    capabilities: capabilitiesOf(profile),
    serverInfo: serverInfo(profile, deps.agentVersion),
    instructions: profile.profile.description || undefined,
  };
  sendResult(response, id, result, { [HEADER.sessionId]: session.id });
}

function handleRequest(
  deps: EndpointDeps,
  endpoint: EndpointRequest,
  session: Session,
  message: ClientRequest,
): Promise<void> | void {
  const { response, caller, trail } = endpoint;
  const { id, method, params } = message;
  if (method === METHOD.ping) return sendResult(response, id, {});
  const start = () => startInSession(deps, endpoint, session, message);

  if (isCallMethod(method)) {
    trail.pass('session');
    trail.facts.sessionId = session.id;
    trail.facts.clientName = session.client.info.name;
    trail.facts.clientVersion = session.client.info.version;
    trail.facts.protocolVersion = session.client.protocolVersion;
    return runCall(deps, endpoint, { id, method, params }, { client: session.upstreamClient, start });
  }

  const list = listOf(caller.profile, method);
  if (list) {
    const refusal = listRefusal(deps, params);
    if (refusal) return sendError(response, 200, id, refusal);
    session.knowsList(list.kind, caller.profile);
    return sendResult(response, id, list.result);
  }

  const task = relayedTask(deps, endpoint, session, message);
  if (task === 'unknown') return sendError(response, 200, id, METHOD_NOT_FOUND);
  if (task === 'invalid')
    return sendError(response, 200, id, { code: RpcCode.invalidParams, message: `Invalid params of ${method}.` });
  const refusal = notServing(deps);
  if (refusal) return sendError(response, 200, id, refusal);
  const reader = { era: 'legacy', capabilities: session.client.capabilities } as const;
  const { running, side } = start();
  return runRelayed(
    deps,
    running,
    reader,
    (signal) => task(signal, running),
    (result) => side.finish(result),
  );
}

/** Lists end with the lease, and no list has a second page. */
function listRefusal(deps: EndpointDeps, params: JsonObject) {
  if (params['cursor'] !== undefined) return { code: RpcCode.invalidParams, message: 'Invalid cursor.' };
  return notServing(deps);
}

type RelayedTask = (signal: AbortSignal, running: Running) => Promise<RpcAnswer>;

/** What is passed on without being recorded, because no content moves: only for what the profile has. */
function relayedTask(
  deps: EndpointDeps,
  { caller }: EndpointRequest,
  session: Session,
  { method, params }: ClientRequest,
): RelayedTask | 'unknown' | 'invalid' {
  const { profile } = caller;
  const { uri, level } = params;
  switch (method) {
    case METHOD.complete: {
      const completion = readCompletion(profile, params);
      if (!completion) return 'invalid';
      return async (signal, { deadline }) => {
        const { server } = completion;
        session.usedServerIds.add(server.id);
        const conversation = await deps.upstreams.of(server).open(session.upstreamClient, signal);
        return conversation.request({ method, params: completion.params, signal, onMessage: () => deadline.touch() });
      };
    }
    case METHOD.setLogLevel:
      if (typeof level !== 'string' || !LOG_LEVELS.includes(level)) return 'invalid';
      return (signal) => setLogLevel(deps, session, serversOf(profile), level, signal);
    case METHOD.subscribe:
      return typeof uri === 'string' ? (signal) => subscribe(deps, session, profile.profile.slug, uri, signal) : 'invalid';
    case METHOD.unsubscribe:
      return typeof uri === 'string' ? (signal) => session.watches.remove(uri, signal) : 'invalid';
    default:
      return 'unknown';
  }
}

function startInSession(deps: EndpointDeps, endpoint: EndpointRequest, session: Session, { id, params }: ClientRequest) {
  const running = startRequest(deps, endpoint, id);
  const { progressToken } = getMeta(params);
  const untrack = session.track(id, { stop: running.stop, channel: running.channel, progressToken });
  const tracked: Running = {
    ...running,
    end: () => {
      untrack();
      running.end();
    },
  };
  return { running: tracked, side: new LegacySide(session, tracked, deps.scrub, progressToken) };
}

function handleNotification(deps: EndpointDeps, session: Session, method: string, params: JsonObject): void {
  const { requestId } = params;
  switch (method) {
    case NOTIFICATION.cancelled:
      if (typeof requestId === 'string' || typeof requestId === 'number') session.cancel(requestId);
      return;
    case NOTIFICATION.progress:
      return session.questions.progress(params);
    case NOTIFICATION.rootsChanged:
      return tellRootsChanged(deps, session);
  }
}

function findSession(deps: EndpointDeps, { request, caller }: EndpointRequest): Session | null {
  const id = single(request, HEADER.sessionId);
  return id === undefined ? null : deps.sessions.find(id, caller);
}

/** For GET and DELETE, which mean nothing without a session. */
function existingSession(deps: EndpointDeps, endpoint: EndpointRequest): Session | null {
  const session = findSession(deps, endpoint);
  if (session) return session;
  if (endpoint.request.headers[HEADER.sessionId] === undefined) refuseMethod(endpoint.response);
  else sendError(endpoint.response, 404, null, { code: RpcCode.sessionNotFound, message: 'Session not found' });
  return null;
}

/** Without a session id the client has to initialise; with one that means nothing it has to do so again. */
function refuseSession({ request, response, trail }: EndpointRequest, message: ClientMessage): void {
  if (message.kind === 'request' && isCallMethod(message.method)) {
    trail.facts.method = message.method;
    trail.fail('session', 'session_unknown');
    trail.end('session_unknown');
  }
  if (request.headers[HEADER.sessionId] === undefined) {
    return sendError(response, 400, idOf(message), {
      code: RpcCode.refused,
      message: 'A session is needed: send initialize first.',
    });
  }
  sendError(response, 404, idOf(message), { code: RpcCode.sessionNotFound, message: 'Session not found' });
}

/** Some clients leave the header out inside a session; one that names something else is wrong. */
function unknownVersionOf({ headers }: IncomingMessage): string | null {
  const version = headers[HEADER.protocolVersion];
  if (version === undefined || (typeof version === 'string' && LEGACY_VERSIONS.includes(version))) return null;
  return String(version).slice(0, 40);
}

function isCall(message: ClientMessage): boolean {
  return message.kind === 'request' && isCallMethod(message.method);
}

function idOf(message: ClientMessage): RpcId | null {
  return message.kind === 'request' ? message.id : null;
}
