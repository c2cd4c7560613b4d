import type { IncomingMessage } from 'node:http';

import * as z from 'zod';

import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';
import { withoutNulls } from '@gatehouse/policy/documents/json';

import { isCallMethod } from '../../call/request.ts';
import { sendAccepted, sendError, sendResult } from '../../http/reply.ts';
import { getSingleHeader } from '../../http/request.ts';
import type { ClientMessage, ClientRequest, RpcId } from '../../wire/json-rpc.ts';
import { findLongFacts } from '../../wire/meta.ts';
import { HEADER, LEGACY_VERSIONS, METHOD, MODERN_VERSIONS, NEWEST_LEGACY_VERSION, RpcCode } from '../../wire/protocol.ts';
import { answerError } from '../answer.ts';
import { describeCapabilities, getServerInfo } from '../capabilities.ts';
import type { AdmittedRequest, EndpointDeps, EraEndpoint } from '../endpoint.ts';
import type { FindStopReason } from '../open-work.ts';
import { describeUnsupportedVersion, refuseMalformed, refuseMethod } from '../refusals.ts';
import { acceptsStream } from '../reply-channel.ts';
import { SessionHandler } from './session-handler.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/**
 * Params of `initialize`; keys that this revision does not know are kept for the servers. Clients that leave their version or their capabilities
 * out, or send null there, say that they have none.
 */
const InitializeParams = z.looseObject({
  protocolVersion: z.string(),
  capabilities: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((capabilities) => withoutNulls(capabilities ?? {})),
  clientInfo: z.looseObject({
    name: z.string(),
    version: z
      .string()
      .nullish()
      .transform((version) => version ?? ''),
    title: z.string().nullish(),
  }),
});

/** Serves the revisions up to 2025-11-25: a client opens a session, and everything else it sends belongs to that session. */
export class LegacyEndpoint implements EraEndpoint {
  readonly #deps: EndpointDeps;
  readonly #sessions: Sessions;
  readonly #handler: SessionHandler;

  constructor(deps: EndpointDeps, sessions: Sessions) {
    this.#deps = deps;
    this.#sessions = sessions;
    this.#handler = new SessionHandler(deps);
  }

  /** Opens a session, or takes one message of it. */
  handlePost(admitted: AdmittedRequest, message: ClientMessage): Promise<void> | void {
    if (message.kind === 'request' && message.method === METHOD.initialize)
      return admitted.batch ? answerError(admitted, message.id, IN_BATCH) : this.#initialize(admitted, message);
    const session = this.#findSession(admitted);
    if (!session) return refuseWithoutSession(admitted, message);
    recordSession(admitted, session);
    const unknownVersion = findUnknownVersion(admitted.request);
    if (unknownVersion !== null) return refuseVersion(admitted, message, unknownVersion);
    if (message.kind === 'request') return this.#handler.handleRequest(admitted, session, message);
    if (message.kind === 'notification') this.#handler.handleNotification(session, message.method, message.params);
    else session.questions.settle(message.id, message.answer);
    if (!admitted.batch) sendAccepted(admitted.response);
  }

  /** Whether the request belongs to a session of the one revision that has batches. */
  takesBatch(admitted: AdmittedRequest): boolean {
    return this.#findSession(admitted)?.client.protocolVersion === BATCH_VERSION;
  }

  /** Opens the stream for messages that answer no request. */
  handleGet(admitted: AdmittedRequest): void {
    const { request, response, caller } = admitted;
    const session = this.#requireSession(admitted);
    if (!session) return;
    if (!acceptsStream(request)) {
      return sendError(response, 406, null, { code: RpcCode.refused, message: 'Accept has to name text/event-stream.' });
    }
    this.#deps.work.addStream(caller.key, response);
    session.stream.open(response, caller.profile);
  }

  /** Ends the session. */
  handleDelete(admitted: AdmittedRequest): void {
    const session = this.#requireSession(admitted);
    if (!session) return;
    this.#sessions.end(session, 'cancelled');
    admitted.response.writeHead(200).end();
  }

  review(compiled: CompiledConfig, findReason: FindStopReason): void {
    this.#sessions.review(compiled, findReason);
  }

  close(): void {
    this.#sessions.close();
  }

  #initialize({ response, caller }: AdmittedRequest, { id, params }: ClientRequest): void {
    const parsed = InitializeParams.safeParse(params);
    if (!parsed.success) {
      return sendError(response, 200, id, { code: RpcCode.invalidParams, message: 'Invalid params of initialize.' });
    }
    const { protocolVersion: wanted, capabilities, clientInfo } = parsed.data;
    const problem = findLongFacts(clientInfo, capabilities);
    if (problem !== null) return sendError(response, 200, id, { code: RpcCode.invalidParams, message: problem });
    const protocolVersion = LEGACY_VERSIONS.includes(wanted) ? wanted : NEWEST_LEGACY_VERSION;
    const { name, version, title } = clientInfo;
    const info = { name, version, ...(title && { title }) };
    const session = this.#sessions.open(caller, { info, capabilities, protocolVersion });
    if (!session) {
      const error = { code: RpcCode.refused, message: 'Too many sessions are open. Close one or try again later.' };
      return sendError(response, 503, id, error);
    }
    const { profile } = caller;
    const result = {
      protocolVersion,
      capabilities: describeCapabilities(profile),
      serverInfo: getServerInfo(profile, this.#deps.agentVersion),
      instructions: profile.instructions || undefined,
    };
    sendResult(response, id, result, { [HEADER.sessionId]: session.id });
  }

  #findSession({ request, caller }: AdmittedRequest): Session | null {
    const id = getSingleHeader(request, HEADER.sessionId);
    return id === undefined ? null : this.#sessions.find(id, caller);
  }

  /** For GET and DELETE, which mean nothing without a session. Null after a refusal was answered. */
  #requireSession(admitted: AdmittedRequest): Session | null {
    const { request, response } = admitted;
    const session = this.#findSession(admitted);
    if (session) return session;
    if (request.headers[HEADER.sessionId] === undefined) refuseMethod(response);
    else sendError(response, 404, null, { code: RpcCode.sessionNotFound, message: 'Session not found' });
    return null;
  }
}

/** The only revision in which several messages may come in one body. */
const BATCH_VERSION = '2025-03-26';
const IN_BATCH = { code: RpcCode.invalidRequest, message: 'initialize must not stand in a batch.' };

function recordSession({ trail }: AdmittedRequest, { id, client: { info, protocolVersion } }: Session): void {
  trail.pass('session');
  trail.setSession(id);
  trail.setClient(info, protocolVersion);
}

/** Without a session id the client has to initialise; with one that is not known it has to do so again. */
function refuseWithoutSession(admitted: AdmittedRequest, message: ClientMessage): void {
  const { request, trail } = admitted;
  if (message.kind === 'request' && isCallMethod(message.method)) {
    trail.fail('session', 'session_unknown');
    trail.end('session_unknown');
  }
  const id = getRequestId(message);
  if (request.headers[HEADER.sessionId] === undefined) {
    return answerError(admitted, id, { code: RpcCode.refused, message: 'A session is needed: send initialize first.' }, 400);
  }
  answerError(admitted, id, { code: RpcCode.sessionNotFound, message: 'Session not found' }, 404);
}

function refuseVersion(admitted: AdmittedRequest, message: ClientMessage, requested: string): void {
  const error = describeUnsupportedVersion(requested, [...MODERN_VERSIONS, ...LEGACY_VERSIONS]);
  const id = getRequestId(message);
  if (message.kind === 'request' && isCallMethod(message.method)) return refuseMalformed(admitted, 400, id, error);
  answerError(admitted, id, error, 400);
}

/** Some clients leave the header out inside a session; one that names something else is wrong. */
function findUnknownVersion({ headers }: IncomingMessage): string | null {
  const version = headers[HEADER.protocolVersion];
  if (version === undefined || (typeof version === 'string' && LEGACY_VERSIONS.includes(version))) return null;
  return String(version).slice(0, 40);
}

function getRequestId(message: ClientMessage): RpcId | null {
  return message.kind === 'request' ? message.id : null;
}
