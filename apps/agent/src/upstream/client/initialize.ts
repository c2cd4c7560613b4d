import * as z from 'zod';

import { isJsonObject, withoutNulls, type JsonObject } from '@gatehouse/policy/documents/json';

import type { RpcAnswer, RpcError } from '../../wire/json-rpc.ts';
import { keepText } from '../../wire/json-text.ts';
import { LEGACY_VERSIONS, META, MODERN_VERSION, NEWEST_LEGACY_VERSION, RpcCode, TASKS_EXTENSION } from '../../wire/protocol.ts';
import { toAnswerFailure, UnknownRevision, UpstreamFailure } from '../failure.ts';
import type { ClientFacts, ServerFacts } from './connection.ts';

/** What is null there is not there. */
const present = (object: JsonObject): JsonObject => withoutNulls(object);
const ServerInfo = z
  .record(z.string(), z.unknown())
  .transform(present)
  .pipe(z.looseObject({ name: z.string(), version: z.string().default(''), title: z.string().optional() }));
const UNKNOWN_SERVER = { name: 'unknown', version: '' };
/** Of a server: each feature that it has, and what it can do there. */
const Capabilities = z
  .record(z.string(), z.unknown())
  .transform((features) =>
    Object.fromEntries(
      Object.entries(present(features)).map(([name, said]) => [name, isJsonObject(said) ? present(said) : said]),
    ),
  );
const InitializeResult = z.looseObject({
  protocolVersion: z.string(),
  capabilities: Capabilities.catch({}),
  serverInfo: ServerInfo.catch(UNKNOWN_SERVER),
  instructions: z.unknown().optional(),
});
const Discovered = z.looseObject({
  supportedVersions: z.array(z.string()),
  capabilities: Capabilities.nullish().transform((capabilities) => capabilities ?? {}),
  instructions: z.unknown().optional(),
  _meta: z.looseObject({ [META.serverInfo]: ServerInfo.catch(UNKNOWN_SERVER).optional() }).nullish(),
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
 * newest of those that the server names, else for the next older one. So also where the server answers with a revision that is not known here; when
 * it does that each time, it is spoken to in the newest one, under the name that it gave. `ask` sends one `initialize`. Rejects with UpstreamFailure or
 * the cause, with that of the first revision when none is taken.
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
    let refusal = await tryRevision(() => ask(buildInitialize(client, asked)));
    if ('facts' in refusal) {
      const { facts } = refusal;
      const { protocolVersion: given } = facts;
      // asked for what was taken before, a server says again what it said then
      const isTaken = isLegacyVersion(given) || ((left.size === 0 || known !== null) && isRevisionName(given));
      if (isTaken) return { facts, asked };
      refusal = { error: new UnknownRevision([given]), named: [], isAboutRevision: true };
    }
    first ??= { refusal: refusal.error };
    const next = chooseRevision(refusal, left);
    if (next === null) throw first.refusal;
    asked = next;
  }
}

/** Whether it can be repeated as a header. What is newer than every revision known may be another protocol, with the same first word. */
function isRevisionName(version: string): boolean {
  return /^[\w.-]{1,40}$/.test(version) && !(version > NEWEST_LEGACY_VERSION && /^\d{4}-/.test(version));
}

const isLegacyVersion = (version: string): boolean => LEGACY_VERSIONS.includes(version);

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
  // it says all that it speaks, and of the older protocol that is nothing
  const isNewerOnly = code === RpcCode.unsupportedVersion && named.length > 0 && !named.some(isLegacyVersion);
  return {
    error: toAnswerFailure(answer.error),
    named,
    isAboutRevision: !isNewerOnly && (named.length > 0 || REFUSAL_CODES.includes(code) || /version/i.test(message)),
  };
}

/** Codes of an `initialize` that is refused as it is, also by servers that check its parameters against a fixed revision. */
const REFUSAL_CODES: readonly RpcError['code'][] = [
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
  return { era: 'legacy', protocolVersion, capabilities, serverInfo, instructions: instructions ?? null };
}

/** The `_meta` of a request of the newer protocol. Keys of the caller that the protocol does not define are kept. */
export function buildModernMeta(facts: ClientFacts, logLevel: string | null, own: JsonObject = {}): JsonObject {
  const meta = {
    ...own,
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientCapabilities]: pickForwardedCapabilities(facts.capabilities),
    [META.clientInfo]: facts.info,
    ...(logLevel !== null && { [META.logLevel]: logLevel }),
  };
  return keepText(meta, own);
}

/**
 * What a server said to `server/discover`; null when it is none of the newer protocol. Throws UpstreamFailure when it is one, but of a revision
 * that this agent does not know.
 */
export function readDiscoverResult(answer: RpcAnswer): ServerFacts | null {
  if ('error' in answer) {
    const supported = answer.error.code === RpcCode.unsupportedVersion ? readSupported(answer.error.data) : [];
    const isNewer = supported.some((version) => version > NEWEST_LEGACY_VERSION);
    if (isNewer && !supported.some(isLegacyVersion)) throw new UnknownRevision(supported);
    return null;
  }
  const parsed = Discovered.safeParse(answer.result);
  if (!parsed.success) return null;
  const { supportedVersions, capabilities, instructions, _meta } = parsed.data;
  if (!supportedVersions.includes(MODERN_VERSION)) {
    if (supportedVersions.some(isLegacyVersion)) return null;
    throw new UnknownRevision(supportedVersions);
  }
  const serverInfo = _meta?.[META.serverInfo] ?? UNKNOWN_SERVER;
  return { era: 'modern', protocolVersion: MODERN_VERSION, capabilities, serverInfo, instructions: instructions ?? null };
}

function readSupported(data: unknown): string[] {
  const supported = isJsonObject(data) ? data['supported'] : null;
  return Array.isArray(supported) ? supported.filter((version) => typeof version === 'string') : [];
}
