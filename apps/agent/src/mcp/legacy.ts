import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  isInitializeRequest,
  LATEST_PROTOCOL_VERSION,
  SUPPORTED_PROTOCOL_VERSIONS,
  type InitializeResult,
  type JSONRPCMessage,
  type JSONRPCRequest,
} from '@modelcontextprotocol/server';

import { single } from './door.ts';
import { refuseMalformed, runToolCall, serverInfo, type EndpointDeps, type EndpointRequest } from './endpoint.ts';
import { RpcCode, sendError, sendResult, type RpcId } from './reply.ts';
import type { Session } from './sessions.ts';

/** A request of the older protocol (2025-11-25 and before), which lives in sessions. */
export interface LegacyRequest extends EndpointRequest {
  request: IncomingMessage;
}

/** POST: opens a session, or takes one message of it. */
export function handleLegacyPost(deps: EndpointDeps, request: LegacyRequest, message: JSONRPCMessage): Promise<void> | void {
  const isRequest = 'method' in message && 'id' in message;
  if (isRequest && message.method === 'initialize') return initialize(deps, request, message);
  const session = findSession(deps, request);
  if (!session) return refuseSession(request, message);
  if (!hasKnownVersion(request.request)) {
    const error = {
      code: RpcCode.refused,
      message: `Unsupported protocol version. Supported: ${SUPPORTED_PROTOCOL_VERSIONS.join(', ')}`,
    };
    return isCall(message)
      ? refuseMalformed(request, 400, idOf(message), error)
      : sendError(request.response, 400, idOf(message), error);
  }
  if (isRequest) return handleRequest(deps, request, session, message);
  if ('method' in message && message.method === 'notifications/cancelled') {
    const requestId = message.params?.['requestId'];
    if (typeof requestId === 'string' || typeof requestId === 'number') session.cancel(requestId);
  }
  request.response.writeHead(202).end();
}

/** GET: the stream for messages that answer no request. */
export function handleLegacyGet(deps: EndpointDeps, request: LegacyRequest): void {
  const session = existingSession(deps, request);
  if (!session) return;
  if (!/text\/(?:event-stream|\*)|\*\/\*/i.test(request.request.headers.accept ?? '')) {
    return sendError(request.response, 406, null, { code: RpcCode.refused, message: 'Accept has to name text/event-stream.' });
  }
  deps.work.startStream(request.caller.key, request.response);
  session.openStream(request.response, request.caller.profile.listedHash);
}

/** DELETE: ends the session. */
export function handleLegacyDelete(deps: EndpointDeps, request: LegacyRequest): void {
  const session = existingSession(deps, request);
  if (!session) return;
  deps.sessions.end(session, 'cancelled');
  request.response.writeHead(200).end();
}

export function refuseMethod(response: ServerResponse): void {
  sendError(response, 405, null, { code: RpcCode.refused, message: 'Method not allowed.' }, { allow: 'POST' });
}

function initialize(deps: EndpointDeps, { response, caller }: LegacyRequest, message: JSONRPCRequest): void {
  if (!isInitializeRequest(message)) {
    return sendError(response, 200, message.id, { code: RpcCode.invalidParams, message: 'Invalid params of initialize.' });
  }
  const { protocolVersion: wanted, clientInfo } = message.params;
  const protocolVersion = SUPPORTED_PROTOCOL_VERSIONS.includes(wanted) ? wanted : LATEST_PROTOCOL_VERSION;
  const session = deps.sessions.open(caller, { name: clientInfo.name, version: clientInfo.version, protocolVersion });
  if (!session) {
    const error = { code: RpcCode.refused, message: 'Too many sessions are open. Close one or try again later.' };
    return sendError(response, 503, message.id, error);
  }
  const result: InitializeResult = {
    protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: serverInfo(caller.profile, deps.agentVersion),
    instructions: caller.profile.profile.description || undefined,
  };
  sendResult(response, message.id, result, { 'mcp-session-id': session.id });
}

function handleRequest(deps: EndpointDeps, request: LegacyRequest, session: Session, { id, method, params }: JSONRPCRequest) {
  const { response, caller, trail } = request;
  switch (method) {
    case 'ping':
      return sendResult(response, id, {});
    case 'tools/list':
      session.knownList = caller.profile.listedHash;
      return sendResult(response, id, { tools: caller.profile.listed });
    case 'tools/call': {
      trail.pass('session');
      trail.facts.sessionId = session.id;
      trail.facts.clientName = session.client.name;
      trail.facts.clientVersion = session.client.version;
      trail.facts.protocolVersion = session.client.protocolVersion;
      return runToolCall(deps, request, { id, params, session }, finishLegacy);
    }
    default:
      return sendError(response, 200, id, { code: RpcCode.methodNotFound, message: 'Method not found' });
  }
}

function findSession(deps: EndpointDeps, { request, caller }: LegacyRequest): Session | null {
  const id = single(request, 'mcp-session-id');
  return id === undefined ? null : deps.sessions.find(id, caller);
}

/** For GET and DELETE, which mean nothing without a session. */
function existingSession(deps: EndpointDeps, request: LegacyRequest): Session | null {
  const session = findSession(deps, request);
  if (session) return session;
  if (request.request.headers['mcp-session-id'] === undefined) refuseMethod(request.response);
  else sendError(request.response, 404, null, { code: RpcCode.sessionNotFound, message: 'Session not found' });
  return null;
}

/** Without a session id the client has to initialise; with one that means nothing it has to do so again. */
function refuseSession({ request, response, trail }: LegacyRequest, message: JSONRPCMessage): void {
  if (isCall(message)) {
    trail.fail('session', 'session_unknown');
    trail.end('session_unknown');
  }
  if (request.headers['mcp-session-id'] === undefined) {
    return sendError(response, 400, idOf(message), {
      code: RpcCode.refused,
      message: 'A session is needed: send initialize first.',
    });
  }
  sendError(response, 404, idOf(message), { code: RpcCode.sessionNotFound, message: 'Session not found' });
}

/** Some clients leave the header out inside a session; one that names something else is wrong. */
function hasKnownVersion({ headers }: IncomingMessage): boolean {
  const version = headers['mcp-protocol-version'];
  return version === undefined || (typeof version === 'string' && SUPPORTED_PROTOCOL_VERSIONS.includes(version));
}

function isCall(message: JSONRPCMessage): boolean {
  return 'method' in message && message.method === 'tools/call' && 'id' in message;
}

function idOf(message: JSONRPCMessage): RpcId {
  return 'id' in message ? (message.id ?? null) : null;
}

/** What only the newer protocol knows is left out. */
function finishLegacy({ resultType: _resultType, ...result }: Record<string, unknown>): Record<string, unknown> {
  return result;
}
