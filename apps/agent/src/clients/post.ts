import { isJsonObject } from '@gatehouse/policy/documents/json';

import { discardBody, MAX_BODY_BYTES, readBody } from '../http/body.ts';
import { isCallMethod } from '../call/request.ts';
import { single } from '../http/host-guard.ts';
import { type EndpointDeps, type EndpointRequest, refuseMalformed } from './endpoint.ts';
import { handleLegacyPost } from './legacy/endpoint.ts';
import type { ModernEndpoint } from './modern/endpoint.ts';
import { refuseWhileClosing } from './open-work.ts';
import { HEADER, MODERN_VERSIONS, RpcCode } from '../wire/protocol.ts';
import { sendError } from '../http/reply.ts';
import { JsonRefused, parseStrictJson } from '../wire/strict-json.ts';
import { isModern } from '../wire/meta.ts';
import { type ClientMessage, type ModernMessage, readClientMessage } from '../wire/client-message.ts';
import { isRpcId, type RpcError, type RpcId } from '../wire/json-rpc.ts';

/** Reads one message and gives it to the era of the protocol that its body belongs to. */
export async function handlePost(deps: EndpointDeps, modern: ModernEndpoint, endpoint: EndpointRequest): Promise<void> {
  const body = await readMessage(endpoint);
  if (body === REFUSED) return;
  if (Array.isArray(body)) {
    const message = 'Send one message at a time, not a batch.';
    return refuseMalformed(endpoint, 400, null, { code: RpcCode.invalidRequest, message });
  }
  const message = readClientMessage(body);
  if (!message) return refuseInvalid(endpoint, body);
  if (message.kind === 'request' && deps.work.isClosing()) return refuseWhileClosing(endpoint.response);
  return belongsToModern(endpoint, message) ? modern.handlePost(endpoint, message) : handleLegacyPost(deps, endpoint, message);
}

/**
 * The body decides. A header that names the newer revision makes a body without its keys an error of that revision, except for an answer and
 * for `initialize`, which only the older protocol has.
 */
function belongsToModern({ request }: EndpointRequest, message: ClientMessage): message is ModernMessage {
  if (message.kind === 'answer') return false;
  if (isModern(message.params)) return true;
  const version = single(request, HEADER.protocolVersion)?.trim();
  return version !== undefined && MODERN_VERSIONS.includes(version);
}

const REFUSED = Symbol('refused');

/** The parsed body, or REFUSED after an answer was given. */
async function readMessage(endpoint: EndpointRequest): Promise<unknown> {
  const { request } = endpoint;
  const refuse = (status: number, code: number, message: string) => {
    refuseMalformed(endpoint, status, null, { code, message });
    discardBody(request);
    return REFUSED;
  };
  const { headers } = request;
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) {
    return refuse(415, RpcCode.refused, 'Content-Type has to be application/json.');
  }
  if (headers['content-encoding'] !== undefined) return refuse(415, RpcCode.refused, 'The body has to be sent uncompressed.');
  if (!/application\/(?:json|\*)|\*\/\*/i.test(headers.accept ?? '')) {
    return refuse(406, RpcCode.refused, 'Accept has to name application/json and text/event-stream.');
  }
  const bytes = await readBody(request);
  if (!bytes) {
    endpoint.trail.end('request_too_large');
    return refuse(413, RpcCode.refused, `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB.`);
  }
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    return refuse(400, error.kind === 'syntax' ? RpcCode.parseError : RpcCode.invalidRequest, error.message);
  }
}

/** What is no JSON-RPC message may have been meant as a call, unless it names another method. */
function refuseInvalid(endpoint: EndpointRequest, body: unknown): void {
  const method = isJsonObject(body) ? body['method'] : undefined;
  const error: RpcError = { code: RpcCode.invalidRequest, message: 'The body is no JSON-RPC 2.0 message of MCP.' };
  if (typeof method === 'string' && !isCallMethod(method)) return sendError(endpoint.response, 400, idOf(body), error);
  if (isCallMethod(method)) endpoint.trail.facts.method = method;
  refuseMalformed(endpoint, 400, idOf(body), error);
}

/** Only an id that JSON-RPC allows is given back. */
function idOf(body: unknown): RpcId | null {
  const id = isJsonObject(body) ? body['id'] : null;
  return isRpcId(id) ? id : null;
}
