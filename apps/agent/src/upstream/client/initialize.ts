import * as z from 'zod';

import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import type { RpcAnswer } from '../../wire/json-rpc.ts';
import { LEGACY_VERSIONS, META, MODERN_VERSION, NEWEST_LEGACY_VERSION, RpcCode, TASKS_EXTENSION } from '../../wire/protocol.ts';
import { toAnswerFailure, UnknownRevision, UpstreamFailure } from '../failure.ts';
import type { ClientFacts, ServerFacts } from './connection.ts';

const ServerInfo = z.looseObject({ name: z.string(), version: z.string(), title: z.string().optional() });
const UNKNOWN_SERVER = { name: 'unknown', version: '' };
const InitializeResult = z.looseObject({
  protocolVersion: z.string(),
  capabilities: z.record(z.string(), z.unknown()).catch({}),
  serverInfo: ServerInfo.catch(UNKNOWN_SERVER),
  instructions: z.unknown().optional(),
});
const Discovered = z.looseObject({
  supportedVersions: z.array(z.string()),
  capabilities: z.record(z.string(), z.unknown()),
  instructions: z.unknown().optional(),
  _meta: z.looseObject({ [META.serverInfo]: ServerInfo.catch(UNKNOWN_SERVER).optional() }).optional(),
});

/** The agent as a client of its own, where it acts for no other. It declares every capability, so that a server shows all that it offers. */
export function describeAgent(version: string): ClientFacts {
  const capabilities = { sampling: { tools: {}, context: {} }, elicitation: { form: {}, url: {} }, roots: {} };
  return { info: { name: 'gatehouse-agent', version }, capabilities };
}

/** Capabilities of a client as they are declared to a server: without tasks, which the agent does not relay. */
export function pickForwardedCapabilities(capabilities: JsonObject): JsonObject {
  const { tasks: _experimental, extensions, ...rest } = capabilities;
  if (!isJsonObject(extensions)) return rest;
  const { [TASKS_EXTENSION]: _tasks, ...others } = extensions;
  return { ...rest, extensions: others };
}

/** The server as it is in the older protocol, and the revision that it was asked for: the one to ask for first the next time. */
export interface Initialized {
  facts: ServerFacts;
  asked: string;
}

/**
 * Opens the older protocol: asks for the newest revision, or for the one that the server took before. Where that is refused, it asks for the
 * newest of those that the server names, else for the next older one. `ask` sends one `initialize`. Rejects with UpstreamFailure or the cause, with
 * that of the first revision when none is taken.
 */
export async function negotiateRevision(
  client: ClientFacts,
  known: string | null,
  ask: (params: JsonObject) => Promise<RpcAnswer>,
): Promise<Initialized> {
  const left = new Set(LEGACY_VERSIONS);
  let asked = known ?? NEWEST_LEGACY_VERSION;
  let first: { refusal: unknown } | null = null;
  for (;;) {
    left.delete(asked);
    const refusal = await tryRevision(() => ask(buildInitialize(client, asked)));
    if ('facts' in refusal) return { facts: refusal.facts, asked };
    first ??= { refusal: refusal.error };
    const next = chooseRevision(refusal, left);
    if (next === null) throw first.refusal;
    asked = next;
  }
}

interface Refusal {
  error: unknown;
  /** what the server says that it speaks */
  named: readonly string[];
  /** false: it is not about the revision */
  isAboutRevision: boolean;
}

async function tryRevision(ask: () => Promise<RpcAnswer>): Promise<{ facts: ServerFacts } | Refusal> {
  let answer: RpcAnswer;
  try {
    answer = await ask();
  } catch (error) {
    const isRefused = error instanceof UpstreamFailure && error.status === 400;
    if (!isRefused) throw error;
    return { error, named: findRevisions(error.words), isAboutRevision: true };
  }
  if ('result' in answer) return { facts: readInitializeResult(answer) };
  const { code, message, data } = answer.error;
  const supported = readSupported(data);
  const named = supported.length > 0 ? supported : findRevisions(message);
  return {
    error: toAnswerFailure(answer.error),
    named,
    isAboutRevision: named.length > 0 || REFUSAL_CODES.includes(code) || /version/i.test(message),
  };
}

/** Codes of an `initialize` that is refused as it is, also by servers that check its parameters against a fixed revision. */
const REFUSAL_CODES: readonly number[] = [
  RpcCode.invalidParams,
  RpcCode.invalidRequest,
  RpcCode.refused,
  RpcCode.unsupportedVersion,
];

function chooseRevision({ named, isAboutRevision }: Refusal, left: ReadonlySet<string>): string | null {
  if (!isAboutRevision) return null;
  // newest first, as they are listed
  const candidates = [...left];
  return candidates.find((version) => named.includes(version)) ?? candidates[0] ?? null;
}

function findRevisions(text: string): string[] {
  return text.match(/\b20\d\d-\d\d-\d\d\b/g) ?? [];
}

function buildInitialize({ info, capabilities }: ClientFacts, protocolVersion: string): JsonObject {
  return { protocolVersion, capabilities: pickForwardedCapabilities(capabilities), clientInfo: info };
}

/** What a server said to `initialize`. Throws UpstreamFailure when that is of no use. */
function readInitializeResult({ result }: { result: JsonObject }): ServerFacts {
  const parsed = InitializeResult.safeParse(result);
  if (!parsed.success)
    throw new UpstreamFailure('upstream_protocol', 'The server does not speak MCP: its answer to initialize is malformed.');
  const { protocolVersion, capabilities, serverInfo, instructions } = parsed.data;
  if (!LEGACY_VERSIONS.includes(protocolVersion)) throw new UnknownRevision([protocolVersion]);
  return { era: 'legacy', protocolVersion, capabilities, serverInfo, instructions: instructions ?? null };
}

/** The `_meta` of a request of the newer protocol. Keys of the caller that the protocol does not define are kept. */
export function buildModernMeta(facts: ClientFacts, logLevel: string | null, own: JsonObject = {}): JsonObject {
  return {
    ...own,
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientCapabilities]: pickForwardedCapabilities(facts.capabilities),
    [META.clientInfo]: facts.info,
    ...(logLevel !== null && { [META.logLevel]: logLevel }),
  };
}

/**
 * What a server said to `server/discover`; null when it is none of the newer protocol. Throws UpstreamFailure when it is one, but of a revision
 * that this agent does not know.
 */
export function readDiscoverResult(answer: RpcAnswer): ServerFacts | null {
  if ('error' in answer) {
    const supported = answer.error.code === RpcCode.unsupportedVersion ? readSupported(answer.error.data) : [];
    const isNewer = supported.some((version) => version > NEWEST_LEGACY_VERSION);
    if (isNewer && !supported.some((version) => LEGACY_VERSIONS.includes(version))) throw new UnknownRevision(supported);
    return null;
  }
  const parsed = Discovered.safeParse(answer.result);
  if (!parsed.success) return null;
  const { supportedVersions, capabilities, instructions, _meta } = parsed.data;
  if (!supportedVersions.includes(MODERN_VERSION)) {
    if (supportedVersions.some((version) => LEGACY_VERSIONS.includes(version))) return null;
    throw new UnknownRevision(supportedVersions);
  }
  const serverInfo = _meta?.[META.serverInfo] ?? UNKNOWN_SERVER;
  return { era: 'modern', protocolVersion: MODERN_VERSION, capabilities, serverInfo, instructions: instructions ?? null };
}

function readSupported(data: unknown): string[] {
  const supported = isJsonObject(data) ? data['supported'] : null;
  return Array.isArray(supported) ? supported.filter((version) => typeof version === 'string') : [];
}
