import type { IncomingMessage } from 'node:http';

import { classifyInboundRequest, isJsonContentType, parseJSONRPCMessage } from '@modelcontextprotocol/server';

import { isJsonObject } from '@gatehouse/policy/json';

import { discardBody, MAX_BODY_BYTES, readBody } from './body.ts';
import { allOf } from './door.ts';
import { refuseMalformed, type EndpointDeps } from './endpoint.ts';
import { handleLegacyPost, type LegacyRequest } from './legacy.ts';
import type { ModernEndpoint } from './modern.ts';
import { RpcCode, sendError, type RpcId } from './reply.ts';
import { JsonRefused, parseStrictJson } from './strict-json.ts';

/** Reads one message and gives it to the era of the protocol that its body belongs to. */
export async function handlePost(deps: EndpointDeps, modern: ModernEndpoint, request: LegacyRequest): Promise<void> {
  const message = await readMessage(request);
  if (message === REFUSED) return;
  const header = (name: string) => allOf(request.request, name).join(', ') || undefined;
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    protocolVersionHeader: header('mcp-protocol-version'),
    mcpMethodHeader: header('mcp-method'),
    mcpNameHeader: header('mcp-name'),
    body: message,
  });
  switch (outcome.kind) {
    case 'modern':
      return modern.handlePost(request, outcome);
    case 'reject': {
      const { httpStatus, code, message: text, data } = outcome;
      const error = { code, message: text, data };
      return isCallOrUnknown(message)
        ? refuseMalformed(request, httpStatus, idOf(message), error)
        : sendError(request.response, httpStatus, idOf(message), error);
    }
    case 'legacy':
      if (outcome.reason === 'batch') {
        return refuseMalformed(request, 400, null, {
          code: RpcCode.invalidRequest,
          message: 'Send one message at a time, not a batch.',
        });
      }
      return handleLegacyPost(deps, request, parseJSONRPCMessage(message));
  }
}

const REFUSED = Symbol('refused');

/** The parsed body, or REFUSED after an answer was given. */
async function readMessage(request: LegacyRequest): Promise<unknown> {
  const refuse = (status: number, code: number, message: string) => {
    refuseMalformed(request, status, null, { code, message });
    discardBody(request.request);
    return REFUSED;
  };
  const { headers } = request.request;
  if (!isJsonContentType(headers['content-type'] ?? null))
    return refuse(415, RpcCode.refused, 'Content-Type has to be application/json.');
  if (headers['content-encoding'] !== undefined) return refuse(415, RpcCode.refused, 'The body has to be sent uncompressed.');
  if (!acceptsJson(request.request))
    return refuse(406, RpcCode.refused, 'Accept has to name application/json and text/event-stream.');
  const bytes = await readBody(request.request);
  if (!bytes) {
    request.trail.end('request_too_large');
    return refuse(413, RpcCode.refused, `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB.`);
  }
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    return refuse(400, error.kind === 'syntax' ? RpcCode.parseError : RpcCode.invalidRequest, error.message);
  }
}

function acceptsJson({ headers }: IncomingMessage): boolean {
  return /application\/(?:json|\*)|\*\/\*/i.test(headers.accept ?? '');
}

function isCallOrUnknown(message: unknown): boolean {
  return !isJsonObject(message) || typeof message['method'] !== 'string' || message['method'] === 'tools/call';
}

/** Only an id that JSON-RPC allows is given back. */
function idOf(message: unknown): RpcId {
  const id = isJsonObject(message) ? message['id'] : null;
  return typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id)) ? id : null;
}
