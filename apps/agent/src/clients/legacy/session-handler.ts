import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { CallMethod } from '@gatehouse/protocol/receipt';

import { isCallMethod } from '../../call/request.ts';
import { isRpcId, METHOD_NOT_FOUND, type ClientRequest, type RpcError } from '../../wire/json-rpc.ts';
import { LOG_LEVELS, METHOD, NOTIFICATION, RpcCode } from '../../wire/protocol.ts';
import { answerError, answerResult } from '../answer.ts';
import { listServers } from '../capabilities.ts';
import { readCompletion, requestCompletion } from '../completion.ts';
import type { AdmittedRequest, EndpointDeps } from '../endpoint.ts';
import { findList, isCursor } from '../lists.ts';
import { findServingProblem } from '../refusals.ts';
import { runCall, runForwarded, RunningRequest, type ForwardedRequest } from '../run-request.ts';
import { LegacyRelay } from './relay.ts';
import type { Session } from './session.ts';

/** Handles what a client sends inside its session. */
export class SessionHandler {
  readonly #deps: EndpointDeps;

  constructor(deps: EndpointDeps) {
    this.#deps = deps;
  }

  handleRequest(admitted: AdmittedRequest, session: Session, request: ClientRequest): Promise<void> | void {
    const { caller } = admitted;
    const { id, method, params } = request;
    if (isCallMethod(method)) return this.#call(admitted, session, request, method);
    if (method === METHOD.ping) return answerResult(admitted, id, {});

    const list = findList(caller.profile, { era: 'legacy', method }, (kind) => session.stream.wasTold(kind));
    if (list) {
      const problem = this.#findListProblem(params);
      if (problem) return answerError(admitted, id, problem);
      session.stream.noteList(list.kind, caller.profile);
      return answerResult(admitted, id, list.result);
    }

    const forward = this.#chooseForward(admitted, session, request);
    if (typeof forward !== 'function') return answerError(admitted, id, forward);
    const problem = findServingProblem(this.#deps);
    if (problem) return answerError(admitted, id, problem);
    const { running, relay } = this.#start(admitted, session, request);
    return runForwarded(this.#deps, running, { client: session.upstreamClient, relay, forward });
  }

  handleNotification(session: Session, method: string, params: JsonObject): void {
    const { requestId, reason } = params;
    switch (method) {
      case NOTIFICATION.cancelled:
        if (isRpcId(requestId)) session.cancel(requestId, typeof reason === 'string' ? reason : null);
        return;
      case NOTIFICATION.progress:
        return session.questions.relayProgress(params);
      case NOTIFICATION.rootsChanged: {
        const servers = this.#deps.current.get()?.compiled.serversById;
        return servers && session.announceRoots(servers);
      }
    }
  }

  #call(admitted: AdmittedRequest, session: Session, request: ClientRequest, method: CallMethod): Promise<void> {
    const { caller, trail } = admitted;
    const { running, relay } = this.#start(admitted, session, request);
    const { upstreamClient: client } = session;
    return runCall(this.#deps, running, { caller, trail, method, params: request.params, client, relay });
  }

  /** A request that the session knows of, so that the client can cancel it and hear of its progress. */
  #start(admitted: AdmittedRequest, session: Session, request: ClientRequest): { running: RunningRequest; relay: LegacyRelay } {
    const running = new RunningRequest(this.#deps, admitted, request);
    running.onEnd(session.track(request.id, running));
    return { running, relay: new LegacyRelay(session, running) };
  }

  /** No list has a second page, and lists end with the lease. */
  #findListProblem({ cursor }: JsonObject): RpcError | null {
    if (isCursor(cursor)) return { code: RpcCode.invalidParams, message: 'Invalid cursor.' };
    return findServingProblem(this.#deps);
  }

  /** How a request that is not recorded is passed on; else the error for it. Only what the profile shows can be asked for. */
  #chooseForward(
    { caller: { profile } }: AdmittedRequest,
    session: Session,
    { method, params }: ClientRequest,
  ): ForwardedRequest['forward'] | RpcError {
    const { uri, level } = params;
    const invalid = { code: RpcCode.invalidParams, message: `Invalid params of ${method}.` };
    switch (method) {
      case METHOD.complete: {
        const completion = readCompletion(profile, params);
        if (!completion) return invalid;
        return ({ signal, deadline }) => {
          const open = async (server: SnapshotServer) => {
            const conversation = await session.openConversation(server, signal);
            deadline.begin(this.#deps.upstreams.timeRequest(server, null));
            return conversation;
          };
          return requestCompletion(completion, open, { signal, onMessage: () => deadline.touch() });
        };
      }
      case METHOD.setLogLevel:
        if (typeof level !== 'string' || !LOG_LEVELS.includes(level)) return invalid;
        return ({ signal }) => session.setLogLevel(level, listServers(profile), signal);
      case METHOD.subscribe:
        if (typeof uri !== 'string') return invalid;
        return async ({ signal }) => {
          const error = { code: RpcCode.resourceNotFound, message: 'Resource not found', data: { uri } };
          return (await session.watches.add(uri, signal)) ?? { error };
        };
      case METHOD.unsubscribe:
        return typeof uri === 'string' ? ({ signal }) => session.watches.remove(uri, signal) : invalid;
      default:
        return METHOD_NOT_FOUND;
    }
  }
}
