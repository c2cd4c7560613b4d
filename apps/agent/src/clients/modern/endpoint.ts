import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { UpstreamClient } from '../../upstream/conversation.ts';
import { isCallMethod } from '../../call/request.ts';
import { capabilitiesOf } from '../capabilities.ts';
import { readCompletion } from '../completion.ts';
import {
  type ClientRequest,
  type EndpointDeps,
  type EndpointRequest,
  notServing,
  refuseMalformed,
  runCall,
  runRelayed,
  serverInfo,
  startRequest,
} from '../endpoint.ts';
import { Subscriptions } from './subscriptions.ts';
import { listOf } from '../lists.ts';
import { headerProblem } from './headers.ts';
import { cacheable, finishModern, ModernSide } from './side.ts';
import { METHOD, MODERN_VERSIONS, RpcCode } from '../../wire/protocol.ts';
import { sendAccepted, sendError, sendResult } from '../../http/reply.ts';
import { getMeta, type ModernEnvelope, readEnvelope } from '../../wire/meta.ts';
import type { ModernMessage } from '../../wire/client-message.ts';
import { METHOD_NOT_FOUND, type RpcError } from '../../wire/json-rpc.ts';

/** Serves the protocol revision 2026-07-28, which has no sessions: every request says who sends it and what that client can do. */
export class ModernEndpoint {
  readonly #deps: EndpointDeps;
  readonly #subscriptions: Subscriptions;

  constructor(deps: EndpointDeps) {
    this.#deps = deps;
    this.#subscriptions = new Subscriptions(deps);
  }

  handlePost(endpoint: EndpointRequest, message: ModernMessage): Promise<void> | void {
    if (message.kind === 'request') return this.#request(endpoint, message);
    // a call is cancelled by closing its response; no other notification means anything here
    sendAccepted(endpoint.response);
  }

  /** Tells open subscriptions when a list has changed, and ends those of profiles that are gone. */
  review(compiled: CompiledConfig): void {
    this.#subscriptions.review(compiled);
  }

  /** Ends every subscription. */
  close(): void {
    this.#subscriptions.close();
  }

  #request(endpoint: EndpointRequest, message: ClientRequest): Promise<void> | void {
    const { id, method, params } = message;
    const envelope = readEnvelope(params);
    if (!envelope) return this.#refuse(endpoint, message, INVALID_ENVELOPE);
    const problem = headerProblem(endpoint.request, endpoint.caller.profile, { method, params, version: envelope.version });
    if (problem) return this.#refuse(endpoint, message, problem);
    if (isCallMethod(method)) return this.#call(endpoint, { id, method, params }, envelope);
    return this.#other(endpoint, message, envelope);
  }

  #refuse(endpoint: EndpointRequest, { id, method }: ClientRequest, error: RpcError): void {
    if (!isCallMethod(method)) return sendError(endpoint.response, 400, id, error);
    endpoint.trail.facts.method = method;
    refuseMalformed(endpoint, 400, id, error);
  }

  #call(endpoint: EndpointRequest, message: Parameters<typeof runCall>[2], envelope: ModernEnvelope): Promise<void> {
    const { trail, caller } = endpoint;
    trail.skip('session');
    trail.facts.clientName = envelope.clientInfo?.name ?? null;
    trail.facts.clientVersion = envelope.clientInfo?.version ?? null;
    trail.facts.protocolVersion = envelope.version;
    return runCall(this.#deps, endpoint, message, {
      client: clientOf(endpoint, envelope),
      start: () => {
        const running = startRequest(this.#deps, endpoint, message.id);
        const { progressToken } = getMeta(message.params);
        const info = serverInfo(caller.profile, this.#deps.agentVersion);
        const { scrub, log } = this.#deps;
        const options = { running, scrub, log, serverInfo: info, progressToken, logLevel: envelope.logLevel };
        return { running, side: message.method === METHOD.readResource ? new ReadingSide(options) : new ModernSide(options) };
      },
    });
  }

  #other(endpoint: EndpointRequest, message: ClientRequest, envelope: ModernEnvelope): Promise<void> | void {
    const { response, caller } = endpoint;
    const { id, method, params } = message;
    const { profile } = caller;
    const info = serverInfo(profile, this.#deps.agentVersion);
    const answer = (result: JsonObject) => sendResult(response, id, finishModern(cacheable(result), info));
    if (method === METHOD.discover) {
      const instructions = profile.profile.description || undefined;
      return answer({ supportedVersions: MODERN_VERSIONS, capabilities: capabilitiesOf(profile), instructions });
    }
    const list = listOf(profile, method);
    const isCompletion = method === METHOD.complete && capabilitiesOf(profile)['completions'] !== undefined;
    const isListen = method === METHOD.listen;
    if (!list && !isCompletion && !isListen) {
      return sendError(response, 404, id, METHOD_NOT_FOUND);
    }
    const refusal = notServing(this.#deps);
    if (refusal) return sendError(response, 200, id, refusal);
    if (isListen) return this.#subscriptions.listen(endpoint, message, clientOf(endpoint, envelope), info);
    if (!list) return this.#complete(endpoint, message, envelope, info);
    if (params['cursor'] !== undefined) {
      return sendError(response, 200, id, { code: RpcCode.invalidParams, message: 'Invalid cursor.' });
    }
    return answer(list.result);
  }

  #complete(endpoint: EndpointRequest, { id, method, params }: ClientRequest, envelope: ModernEnvelope, info: JsonObject) {
    const completion = readCompletion(endpoint.caller.profile, params);
    if (!completion) {
      return sendError(endpoint.response, 200, id, { code: RpcCode.invalidParams, message: `Invalid params of ${method}.` });
    }
    const reader = { era: 'modern', capabilities: envelope.capabilities } as const;
    const running = startRequest(this.#deps, endpoint, id);
    const task = async (signal: AbortSignal) => {
      const client = clientOf(endpoint, envelope);
      const conversation = await this.#deps.upstreams.of(completion.server).open(client, signal);
      return conversation.request({ method, params: completion.params, signal });
    };
    return runRelayed(this.#deps, running, reader, task, (result) => finishModern(result, info));
  }
}

/** Reading a resource says how long it may be kept. */
class ReadingSide extends ModernSide {
  override finish(result: JsonObject): JsonObject {
    const finished = super.finish(result);
    return finished['resultType'] === 'complete' ? cacheable(finished) : finished;
  }
}

const INVALID_ENVELOPE: RpcError = {
  code: RpcCode.invalidParams,
  message:
    'Invalid params: _meta needs io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities, and all of its keys in the form of protocol revision 2026-07-28.',
};

/** Who sends a request, as servers see it. It keeps nothing between requests but the connection that its name leads to. */
function clientOf({ caller }: EndpointRequest, { clientInfo, capabilities, logLevel }: ModernEnvelope): UpstreamClient {
  const { keyId, profileId } = caller.key;
  const info = clientInfo ?? { name: 'unknown', version: '' };
  return {
    affinity: `key:${keyId}:${profileId}:${info.name}`,
    facts: { info, capabilities, askedInResultsOnly: true },
    logLevel: () => logLevel,
    onMessage: refuseQuestion,
  };
}

/** Outside of a request there is no way to a client of this protocol, and what a server says there has no meaning for it. */
const refuseQuestion: UpstreamClient['onMessage'] = (_serverId, _message, answer) => answer?.({ error: METHOD_NOT_FOUND });
