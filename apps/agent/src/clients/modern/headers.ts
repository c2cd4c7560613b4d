import type { IncomingMessage } from 'node:http';

import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { unsupportedVersion } from '../classify.ts';
import { single } from '../../http/host-guard.ts';
import { decodeHeaderValue, paramHeaderProblem } from '../../wire/mirrored-headers.ts';
import { MODERN_VERSIONS, RpcCode, type RpcError } from '../../wire/protocol.ts';

/** Which parameter `Mcp-Name` repeats. */
const NAMED: Readonly<Record<string, string>> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

/**
 * Version and mirrored headers have to say what the body says, because only the body is judged, and the version has to be one of ours. Null when
 * all is well.
 */
export function headerProblem(
  request: IncomingMessage,
  profile: CompiledProfile,
  { method, params, version }: { method: string; params: JsonObject; version: string },
): RpcError | null {
  if (single(request, 'mcp-protocol-version')?.trim() !== version) {
    return mismatch('MCP-Protocol-Version is missing or differs from the body');
  }
  // of a revision that is not known here nothing else can be said
  if (!MODERN_VERSIONS.includes(version)) return unsupportedVersion(version);
  if (single(request, 'mcp-method')?.trim() !== method) return mismatch('Mcp-Method is missing or differs from the body');
  const source = Object.hasOwn(NAMED, method) ? NAMED[method] : undefined;
  const name = source === undefined ? undefined : params[source];
  if (typeof name !== 'string') return null;
  const header = single(request, 'mcp-name');
  if (header === undefined || decodeHeaderValue(header.trim()) !== name) {
    return mismatch('Mcp-Name is missing or differs from the body');
  }
  if (method !== 'tools/call') return null;
  const schema = profile.tools.get(name)?.listed.inputSchema;
  const args = params['arguments'];
  const problem = schema && paramHeaderProblem(schema, isJsonObject(args) ? args : {}, (lower) => headerValue(request, lower));
  return problem ? mismatch(problem) : null;
}

function mismatch(what: string): RpcError {
  return { code: RpcCode.headerMismatch, message: `Header mismatch: ${what}` };
}

/** A header that stands there more than once equals nothing. */
function headerValue(request: IncomingMessage, lowerCaseName: string): string | undefined {
  return request.headers[lowerCaseName] === undefined ? undefined : (single(request, lowerCaseName) ?? '\0');
}
