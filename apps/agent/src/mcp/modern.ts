import type { IncomingMessage } from 'node:http';

import { toNodeHandler, type NodeMcpRequestHandler } from '@modelcontextprotocol/node';
import {
  CLIENT_INFO_META_KEY,
  createMcpHandler,
  SERVER_INFO_META_KEY,
  Server,
  type InboundModernRoute,
  type JSONRPCRequest,
  type McpHttpHandler,
} from '@modelcontextprotocol/server';

import type { CompiledConfig, CompiledProfile } from '@gatehouse/policy/compile';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/json';

import { single } from './door.ts';
import { refuseMalformed, runToolCall, serverInfo, type EndpointDeps, type EndpointRequest } from './endpoint.ts';
import { decodeHeaderValue, paramHeaderProblem } from './param-headers.ts';
import { RpcCode, sendError, sendResult, type RpcError } from './reply.ts';

const MODERN_VERSIONS: readonly string[] = ['2026-07-28'];
const MAX_STREAMS_PER_KEY = 50;

/** A request of the protocol revision 2026-07-28, which has no sessions. */
export interface ModernRequest extends EndpointRequest {
  request: IncomingMessage;
}

interface ProfileHandler {
  listedHash: string;
  handler: McpHttpHandler;
  handle: NodeMcpRequestHandler;
}

/** Serves the newer protocol: calls and lists here, the rest through the SDK. */
export class ModernEndpoint {
  readonly #deps: EndpointDeps;
  readonly #byProfile = new Map<string, ProfileHandler>();

  constructor(deps: EndpointDeps) {
    this.#deps = deps;
  }

  async handlePost(request: ModernRequest, route: InboundModernRoute): Promise<void> {
    const message = route.messageKind === 'request' ? route.message : null;
    if (message?.method === 'tools/call') return this.#call(request, message, route.classification.revision);
    if (message?.method === 'tools/list') return this.#list(request, message, route.classification.revision);
    if (message?.method === 'subscriptions/listen') {
      if (this.#deps.work.streamsOf(request.caller.key.keyId) >= MAX_STREAMS_PER_KEY) {
        return sendError(request.response, 429, message.id, {
          code: RpcCode.refused,
          message: 'Too many streams are open for this key.',
        });
      }
      this.#deps.work.startStream(request.caller.key, request.response);
    }
    await this.#handlerOf(request.caller.profile).handle(request.request, request.response, route.message);
  }

  /** Tells open subscriptions when a list of tools has changed, and ends those of profiles that are gone. */
  review(compiled: CompiledConfig): void {
    for (const [profileId, entry] of this.#byProfile) {
      const profile = compiled.profilesById.get(profileId);
      if (profile && profile.listedHash !== entry.listedHash) entry.handler.notify.toolsChanged();
      if (profile) entry.listedHash = profile.listedHash;
      else {
        this.#byProfile.delete(profileId);
        this.#close(entry);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#byProfile.values()].map(({ handler }) => handler.close()));
    this.#byProfile.clear();
  }

  async #call(request: ModernRequest, message: JSONRPCRequest, revision: string | undefined): Promise<void> {
    const refusal = this.#refusalOf(request, message, revision);
    if (refusal) return refuseMalformed(request, 400, message.id, refusal);
    const { trail } = request;
    trail.skip('session');
    const client = message.params?._meta?.[CLIENT_INFO_META_KEY];
    trail.facts.clientName = isJsonObject(client) && typeof client['name'] === 'string' ? client['name'] : null;
    trail.facts.clientVersion = isJsonObject(client) && typeof client['version'] === 'string' ? client['version'] : null;
    trail.facts.protocolVersion = revision ?? null;
    const call = { id: message.id, params: message.params, session: null };
    return runToolCall(this.#deps, request, call, (result) => this.#finish(request, result));
  }

  #list(request: ModernRequest, message: JSONRPCRequest, revision: string | undefined): void {
    const refusal = this.#refusalOf(request, message, revision);
    if (refusal) return sendError(request.response, 400, message.id, refusal);
    // private: another caller of the same address gets another list
    const list = { tools: request.caller.profile.listed, ttlMs: 0, cacheScope: 'private' };
    sendResult(request.response, message.id, this.#finish(request, list));
  }

  #finish({ caller }: ModernRequest, result: JsonObject): JsonObject {
    const meta = isJsonObject(result['_meta']) ? result['_meta'] : {};
    const info = serverInfo(caller.profile, this.#deps.agentVersion);
    return { ...result, resultType: 'complete', _meta: { ...meta, [SERVER_INFO_META_KEY]: info } };
  }

  /** Version and mirrored headers have to say what the body says: only the body is judged. */
  #refusalOf(
    { request, caller }: ModernRequest,
    { method, params }: JSONRPCRequest,
    revision: string | undefined,
  ): RpcError | null {
    if (revision === undefined || !MODERN_VERSIONS.includes(revision)) {
      const data = { supported: MODERN_VERSIONS, requested: revision ?? null };
      return { code: RpcCode.unsupportedVersion, message: 'Unsupported protocol version', data };
    }
    const mismatch = (what: string): RpcError => ({ code: RpcCode.headerMismatch, message: `Header mismatch: ${what}` });
    if (single(request, 'mcp-protocol-version') !== revision)
      return mismatch('MCP-Protocol-Version is missing or differs from the body');
    if (single(request, 'mcp-method') !== method) return mismatch('Mcp-Method is missing or differs from the body');
    if (method !== 'tools/call') return null;
    const name = params?.['name'];
    const header = single(request, 'mcp-name');
    if (typeof name !== 'string') return null;
    if (header === undefined || decodeHeaderValue(header) !== name)
      return mismatch('Mcp-Name is missing or differs from the body');
    const schema = caller.profile.tools.get(name)?.tool.definition.inputSchema;
    const args = params?.['arguments'];
    const problem = schema && paramHeaderProblem(schema, isJsonObject(args) ? args : {}, (lower) => headerValue(request, lower));
    return problem ? mismatch(problem) : null;
  }

  #handlerOf(profile: CompiledProfile): ProfileHandler {
    const existing = this.#byProfile.get(profile.profile.id);
    if (existing) return existing;
    const { log, agentVersion, current } = this.#deps;
    const newest = () => current.get()?.compiled.profilesById.get(profile.profile.id) ?? profile;
    const handler = createMcpHandler(
      () =>
        new Server(serverInfo(newest(), agentVersion), {
          capabilities: { tools: { listChanged: true } },
          instructions: newest().profile.description || undefined,
        }),
      { legacy: 'reject', onerror: (error) => log.debug({ err: error }, 'modern endpoint') },
    );
    const handle = toNodeHandler(handler, { onerror: (error) => log.warn({ err: error }, 'modern endpoint') });
    const entry = { listedHash: profile.listedHash, handler, handle };
    this.#byProfile.set(profile.profile.id, entry);
    return entry;
  }

  #close(entry: ProfileHandler): void {
    entry.handler.close().catch((error: unknown) => this.#deps.log.warn({ err: error }, 'modern endpoint not closed'));
  }
}

/** A header that stands there more than once equals nothing. */
function headerValue(request: IncomingMessage, lowerCaseName: string): string | undefined {
  return request.headers[lowerCaseName] === undefined ? undefined : (single(request, lowerCaseName) ?? '\0');
}
