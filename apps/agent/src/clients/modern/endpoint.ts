import { hash } from 'node:crypto';

import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { CallMethod } from '@gatehouse/protocol/receipt';

import { isCallMethod } from '../../call/request.ts';
import { sendAccepted, sendError, sendResult } from '../../http/reply.ts';
import type { UpstreamClient } from '../../upstream/conversation.ts';
import { METHOD_NOT_FOUND, type ClientRequest, type ModernMessage, type RpcError } from '../../wire/json-rpc.ts';
import { findLongFacts, readClientInfo, readEnvelope, readVersion, type ModernEnvelope } from '../../wire/meta.ts';
import { META, METHOD, MODERN_VERSION, MODERN_VERSIONS, RpcCode } from '../../wire/protocol.ts';
import { describeCapabilities, getServerInfo } from '../capabilities.ts';
import { readCompletion, requestCompletion } from '../completion.ts';
import type { AdmittedRequest, EndpointDeps, EraEndpoint } from '../endpoint.ts';
import { findList, isCursor } from '../lists.ts';
import { findServingProblem, refuseMalformed } from '../refusals.ts';
import { runCall, runForwarded, RunningRequest } from '../run-request.ts';
import { findHeaderMismatch } from './header-mismatch.ts';
import { addCacheHint, formatModernResult, ModernRelay } from './relay.ts';
import { Subscriptions } from './subscriptions.ts';

/** Serves the protocol revision 2026-07-28, which has no sessions: every request says who sends it and what that client can do. */
export class ModernEndpoint implements EraEndpoint<ModernMessage> {
  readonly #deps: EndpointDeps;
  readonly #subscriptions: Subscriptions;

  constructor(deps: EndpointDeps) {
    this.#deps = deps;
    this.#subscriptions = new Subscriptions(deps);
  }

  handlePost(admitted: AdmittedRequest, message: ModernMessage): Promise<void> | void {
    if (message.kind === 'request') return this.#handleRequest(admitted, message);
    // a call is cancelled by closing its response; no other notification means anything here
    sendAccepted(admitted.response);
  }

  review(compiled: CompiledConfig): void {
    this.#subscriptions.review(compiled);
  }

  close(): void {
    this.#subscriptions.close();
  }

  #handleRequest(admitted: AdmittedRequest, request: ClientRequest): Promise<void> | void {
    const { method, params } = request;
    admitted.trail.skip('session');
    admitted.trail.setClient(readClientInfo(params), readVersion(params));
    const envelope = readEnvelope(params);
    if (!envelope) return refuseRequest(admitted, request, INVALID_ENVELOPE);
    const long = findLongFacts(envelope.clientInfo, envelope.capabilities);
    if (long !== null) return refuseRequest(admitted, request, { code: RpcCode.invalidParams, message: long });
    const { version } = envelope;
    const mismatch = findHeaderMismatch(admitted.request, admitted.caller.profile, { method, params, version });
    if (mismatch) return refuseRequest(admitted, request, mismatch);
    if (isCallMethod(method)) return this.#call(admitted, request, method, envelope);
    return this.#answerOther(admitted, request, envelope);
  }

  #call(admitted: AdmittedRequest, request: ClientRequest, method: CallMethod, envelope: ModernEnvelope): Promise<void> {
    const { caller, trail } = admitted;
    const { running, relay } = this.#start(admitted, request, envelope);
    const client = createClient(admitted, envelope);
    return runCall(this.#deps, running, { caller, trail, method, params: request.params, client, relay });
  }

  /** Requests that leave no receipt. */
  #answerOther(admitted: AdmittedRequest, request: ClientRequest, envelope: ModernEnvelope): Promise<void> | void {
    const { response, caller } = admitted;
    const { id, method, params } = request;
    const { profile } = caller;
    const serverInfo = getServerInfo(profile, this.#deps.agentVersion);
    const answer = (result: JsonObject) => sendResult(response, id, formatModernResult(addCacheHint(result), serverInfo));
    if (method === METHOD.discover) {
      const instructions = profile.instructions || undefined;
      return answer({ supportedVersions: MODERN_VERSIONS, capabilities: describeCapabilities(profile), instructions });
    }
    const list = findList(profile, { era: 'modern', method }, (kind) => this.#subscriptions.isTelling(caller.key, kind));
    const isCompletion = method === METHOD.complete && describeCapabilities(profile)['completions'] !== undefined;
    const isListen = method === METHOD.listen;
    if (!list && !isCompletion && !isListen) return sendError(response, 404, id, METHOD_NOT_FOUND);
    const problem = findServingProblem(this.#deps);
    if (problem) return sendError(response, 200, id, problem);
    if (isListen) return this.#subscriptions.listen(admitted, request, createClient(admitted, envelope));
    if (!list) return this.#complete(admitted, request, envelope);
    if (isCursor(params['cursor'])) {
      return sendError(response, 200, id, { code: RpcCode.invalidParams, message: 'Invalid cursor.' });
    }
    return answer(list.result);
  }

  #complete(admitted: AdmittedRequest, request: ClientRequest, envelope: ModernEnvelope): Promise<void> | void {
    const { id, method, params } = request;
    const completion = readCompletion(admitted.caller.profile, params);
    if (!completion) {
      const message = `Invalid params of ${method}.`;
      return sendError(admitted.response, 200, id, { code: RpcCode.invalidParams, message });
    }
    const client = createClient(admitted, envelope);
    const { running, relay } = this.#start(admitted, request, envelope);
    return runForwarded(this.#deps, running, {
      client,
      relay,
      forward: ({ signal, deadline }) => {
        const { upstreams } = this.#deps;
        const open = async (server: SnapshotServer) => {
          const conversation = await upstreams.requireUpstream(server).open(client, signal);
          deadline.begin(upstreams.timeRequest(server, null));
          return conversation;
        };
        return requestCompletion(completion, open, { signal, onMessage: () => deadline.touch() });
      },
    });
  }

  #start(admitted: AdmittedRequest, request: ClientRequest, { logLevel }: ModernEnvelope) {
    const { log, agentVersion } = this.#deps;
    const running = new RunningRequest(this.#deps, admitted, request);
    const serverInfo = getServerInfo(admitted.caller.profile, agentVersion);
    return { running, relay: new ModernRelay({ running, method: request.method, serverInfo, logLevel, log }) };
  }
}

const INVALID_ENVELOPE: RpcError = {
  code: RpcCode.invalidParams,
  message: `Invalid params: _meta needs ${META.protocolVersion} and ${META.clientCapabilities}, and all of its keys in the form of protocol revision ${MODERN_VERSION}.`,
};

function refuseRequest(admitted: AdmittedRequest, { id, method }: ClientRequest, error: RpcError): void {
  if (!isCallMethod(method)) return sendError(admitted.response, 400, id, error);
  refuseMalformed(admitted, 400, id, error);
}

/** The sender of a request as servers see it. Requests of the same key, profile and client name share connections. */
function createClient({ caller }: AdmittedRequest, { clientInfo, capabilities, logLevel }: ModernEnvelope): UpstreamClient {
  const { keyId, profileId } = caller.key;
  const info = clientInfo ?? { name: 'unknown', version: '' };
  return {
    keyId,
    affinity: `key:${keyId}:${profileId}:${shortenName(info.name)}`,
    declared: Object.keys(capabilities).length === 0 ? '' : hash('sha256', JSON.stringify(capabilities)),
    era: 'modern',
    facts: { info, capabilities },
    getLogLevel: () => logLevel,
    onMessage: refuseQuestion,
  };
}

/** A client names itself as it likes, at any length. What is longer is told apart by its hash, which is longer than any name that stays. */
function shortenName(name: string): string {
  return name.length <= MOST_OF_NAME ? name : `#${hash('sha256', name)}`;
}

const MOST_OF_NAME = 64;

/** Outside of a request nothing can be sent to a client of this protocol: questions are refused, notifications are dropped. */
const refuseQuestion: UpstreamClient['onMessage'] = (_serverId, _message, answer) => answer?.({ error: METHOD_NOT_FOUND });
