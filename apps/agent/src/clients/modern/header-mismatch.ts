import type { IncomingMessage } from 'node:http';

import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { getSingleHeader } from '../../http/request.ts';
import type { RpcError } from '../../wire/json-rpc.ts';
import { decodeHeaderValue, findMirroredName, findArgumentMismatch } from '../../wire/mirrored-headers.ts';
import { HEADER, METHOD, MODERN_VERSIONS, RpcCode } from '../../wire/protocol.ts';
import { describeUnsupportedVersion } from '../refusals.ts';

/**
 * Null when the headers of a request repeat its body, in a revision that is served. The decision uses the body only, and a proxy that reads
 * the headers must not be shown another request.
 */
export function findHeaderMismatch(
  request: IncomingMessage,
  profile: CompiledProfile,
  { method, params, version }: { method: string; params: JsonObject; version: string },
): RpcError | null {
  if (getSingleHeader(request, HEADER.protocolVersion)?.trim() !== version) {
    return describeMismatch('MCP-Protocol-Version is missing or differs from the body');
  }
  // the headers of an unknown revision may have any meaning
  if (!MODERN_VERSIONS.includes(version)) return describeUnsupportedVersion(version, MODERN_VERSIONS);
  if (getSingleHeader(request, HEADER.method)?.trim() !== method)
    return describeMismatch('Mcp-Method is missing or differs from the body');
  const name = findMirroredName(method, params);
  if (name === null) return null;
  const header = getSingleHeader(request, HEADER.name);
  if (header === undefined || decodeHeaderValue(header.trim()) !== name) {
    return describeMismatch('Mcp-Name is missing or differs from the body');
  }
  if (method !== METHOD.callTool) return null;
  const schema = profile.tools.get(name)?.listed.inputSchema;
  const args = params['arguments'];
  const problem =
    schema && findArgumentMismatch(schema, isJsonObject(args) ? args : {}, (lower) => readParamHeader(request, lower));
  return problem ? describeMismatch(problem) : null;
}

function describeMismatch(what: string): RpcError {
  return { code: RpcCode.headerMismatch, message: `Header mismatch: ${what}` };
}

/** The value of a header. One that is repeated differs from everything, so it is read as a text that no argument has. */
function readParamHeader(request: IncomingMessage, lowerCaseName: string): string | undefined {
  return request.headers[lowerCaseName] === undefined ? undefined : (getSingleHeader(request, lowerCaseName) ?? '\0');
}
