import type { IncomingMessage } from 'node:http';

import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { single } from '../../http/host-guard.ts';
import { decodeHeaderValue, findMirroredName, findArgumentMismatch } from '../../wire/mirrored-headers.ts';
import { HEADER, METHOD, MODERN_VERSIONS, RpcCode } from '../../wire/protocol.ts';
import type { RpcError } from '../../wire/json-rpc.ts';

/**
 * Version and mirrored headers have to say what the body says, because only the body is judged, and the version has to be one of ours. Null when
 * all is well.
 */
export function headerProblem(
  request: IncomingMessage,
  profile: CompiledProfile,
  { method, params, version }: { method: string; params: JsonObject; version: string },
): RpcError | null {
  if (single(request, HEADER.protocolVersion)?.trim() !== version) {
    return mismatch('MCP-Protocol-Version is missing or differs from the body');
  }
  // of a revision that is not known here nothing else can be said
  if (!MODERN_VERSIONS.includes(version)) return unsupportedVersion(version);
  if (single(request, HEADER.method)?.trim() !== method) return mismatch('Mcp-Method is missing or differs from the body');
  const name = findMirroredName(method, params);
  if (name === null) return null;
  const header = single(request, HEADER.name);
  if (header === undefined || decodeHeaderValue(header.trim()) !== name) {
    return mismatch('Mcp-Name is missing or differs from the body');
  }
  if (method !== METHOD.callTool) return null;
  const schema = profile.tools.get(name)?.listed.inputSchema;
  const args = params['arguments'];
  const problem = schema && findArgumentMismatch(schema, isJsonObject(args) ? args : {}, (lower) => headerValue(request, lower));
  return problem ? mismatch(problem) : null;
}

function unsupportedVersion(requested: string): RpcError {
  const data = { supported: MODERN_VERSIONS, requested };
  return { code: RpcCode.unsupportedVersion, message: 'Unsupported protocol version', data };
}

function mismatch(what: string): RpcError {
  return { code: RpcCode.headerMismatch, message: `Header mismatch: ${what}` };
}

/** A header that stands there more than once equals nothing. */
function headerValue(request: IncomingMessage, lowerCaseName: string): string | undefined {
  return request.headers[lowerCaseName] === undefined ? undefined : (single(request, lowerCaseName) ?? '\0');
}
