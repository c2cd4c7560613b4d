import { describeConnectionError, readErrorCode } from '@gatehouse/network/connection-error';
import type { ReasonCode } from '@gatehouse/policy/decision';
import type { LimitInForce, LimitName, LimitsInForce } from '@gatehouse/policy/documents/server-limits';

import { ASK_ADMIN } from '../config/ask-admin.ts';
import { StdioEntryRefused } from '../config/guardrails/stdio-entry.ts';
import { OutboundRefused, RedirectRefused } from '../outbound/address-policy.ts';
import { ResponseTooLarge } from '../outbound/answer-bound.ts';
import { AnswerCodingFailed } from '../outbound/answer-coding.ts';
import { ProxyFailure } from '../outbound/proxy.ts';
import { SecretUnavailable } from '../secrets/secret-file.ts';
import { JsonTooRich } from '../wire/json-bounds.ts';
import { formatCode, type RpcError } from '../wire/json-rpc.ts';
import { describeLimit } from './limit-words.ts';
import { TOLD } from './told.ts';

export type UpstreamFailureCode = Extract<
  ReasonCode,
  | 'tool_not_approved'
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_protocol'
  | 'upstream_too_large'
  | 'credential_unavailable'
  | 'guardrail'
  | 'cancelled'
  | 'identity_revoked'
  | 'agent_revoked'
  | 'agent_quarantined'
>;

interface FailureOptions {
  cause?: unknown;
  status?: number;
  byUs?: boolean;
  told?: string;
  words?: string;
  limit?: LimitInForce;
}

/**
 * A call to an upstream that did not come to a result. The message is for those who run the agent and names addresses, files and references;
 * callers get `told`. Either may hold text of the upstream: scrub it before it is shown.
 */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly code: UpstreamFailureCode;
  /** the HTTP status, when that was the answer */
  readonly status: number | null;
  /** the agent itself ended it, which says nothing about the server */
  readonly byUs: boolean;
  /** which limit of the server was reached, when that was it */
  readonly limit: LimitInForce | null;
  // no fields: a log writes every field of an error, and what a server says may be content
  readonly #words: string;
  readonly #told: string;

  constructor(code: UpstreamFailureCode, message: string, options: FailureOptions = {}) {
    const { cause, status, byUs, told, words = '', limit = null } = options;
    super(message, { cause });
    this.code = code;
    this.limit = limit;
    this.status = status ?? null;
    this.byUs = byUs ?? false;
    this.#words = words;
    this.#told = withWords(told ?? TOLD[code], words);
  }

  /** What the server said to it, for the caller alone: it may repeat what the call brought. '' when it said nothing. */
  get words(): string {
    return this.#words;
  }

  /** For the caller, with the server's own words. */
  get told(): string {
    return this.#told;
  }
}

/** A failure whose message is fit for callers as well: it names nothing of the site. */
export function createToldFailure(
  code: UpstreamFailureCode,
  message: string,
  options: Omit<FailureOptions, 'told'> = {},
): UpstreamFailure {
  return new UpstreamFailure(code, message, { ...options, told: message });
}

/** What is longer is no revision. */
const MAX_REVISION = 60;

/** The server speaks a revision of MCP that this agent does not know; asking in another way changes nothing. */
export class UnknownRevision extends UpstreamFailure {
  constructor(versions: readonly string[]) {
    // whole or not at all: half of a secret would be recognised by nobody
    const named = versions.slice(0, 5).map((version) => (version.length > MAX_REVISION ? 'something' : version));
    super('upstream_protocol', `The server speaks MCP ${named.join(', ')}, which this agent does not know.`);
  }
}

/** The connection had ended before the request was sent, so it may be sent on another one. */
export class NotSent extends UpstreamFailure {
  constructor({ code, message, status, byUs, told }: UpstreamFailure) {
    super(code, message, { status: status ?? undefined, byUs, told });
  }
}

/** The server said that the session of this connection is over: the next request needs a new one. */
export class SessionEnded extends UpstreamFailure {
  /** it surely did nothing of this request, so anything may be sent again; else only what reads */
  readonly undone: boolean;
  constructor({ code, message, status, told, words }: UpstreamFailure, undone: boolean) {
    const isCredential = code === 'credential_unavailable';
    super(code, message, { status: status ?? undefined, told: undone || isCredential ? told : withWords(SESSION_ENDED, words) });
    this.undone = undone;
  }
}

const SESSION_ENDED =
  'The server had ended its session with this client, and did not say whether it carried this call out. The next call opens a new session.';

function withWords(sentence: string, words: string): string {
  return words === '' ? sentence : `${sentence}\n${words}`;
}

/** It could not be seen whether the server still defines what was approved, so the request was not sent. */
export class NotConfirmed extends UpstreamFailure {}

/** Why a call was stopped from our side: the reason of its AbortSignal. */
export class CallStopped extends Error {
  override readonly name = 'CallStopped';
  readonly code: StopCode;
  // no field: a log writes every field of an error, and what a client says may be content
  readonly #said: string | null;
  /** `said`: why, in the words of the client that does not want the answer any more */
  constructor(code: StopCode, message = TOLD[code], said: string | null = null) {
    super(message);
    this.code = code;
    this.#said = said;
  }

  get said(): string | null {
    return this.#said;
  }
}

/** What a request is timed by: the limits in force for it, and whose they are. */
export interface TimedRequest {
  limits: LimitsInForce;
  server: string;
  /** the server's own name of the tool */
  tool: string | null;
}

/** Why a server is told that its answer is not wanted any more, from the reason of a signal: the client's own words where it gave some. */
export function describeCancellation(reason: unknown): string {
  for (const cause of listCauses(reason)) if (cause instanceof CallStopped && cause.said !== null) return cause.said;
  return 'The caller stopped waiting.';
}

/** The server took longer than one of its limits allows. The message names it and where it can be changed, and is fit for callers. */
export class LimitReached extends CallStopped {
  readonly limit: LimitInForce;
  constructor(name: LimitName, { limits, server, tool }: TimedRequest) {
    const limit = limits[name];
    super('upstream_timeout', describeLimit(limit, server, tool));
    this.limit = limit;
  }
}

export type StopCode = Extract<
  UpstreamFailureCode,
  'cancelled' | 'upstream_timeout' | 'identity_revoked' | 'agent_revoked' | 'agent_quarantined'
>;

/** Any error of a connection or a call as one of the closed codes. */
export function toUpstreamFailure(error: unknown, signal?: AbortSignal): UpstreamFailure {
  if (error instanceof NotConfirmed) return error;
  if (signal?.aborted) return toStopFailure(signal.reason);
  for (const cause of listCauses(error)) {
    const failure = toKnownFailure(cause);
    if (failure) return failure;
  }
  return new UpstreamFailure('upstream_protocol', 'The server does not speak MCP as expected.', { cause: error });
}

function toStopFailure(reason: unknown): UpstreamFailure {
  if (reason instanceof LimitReached) {
    return createToldFailure(reason.code, reason.message, { cause: reason, limit: reason.limit });
  }
  const code = reason instanceof CallStopped ? reason.code : 'cancelled';
  return new UpstreamFailure(code, TOLD[code], { cause: reason });
}

function toKnownFailure(error: unknown): UpstreamFailure | null {
  if (error instanceof UpstreamFailure) return error;
  if (error instanceof CallStopped) return toStopFailure(error);
  if (error instanceof RedirectRefused)
    return new UpstreamFailure('guardrail', error.message, { cause: error, told: `${error.said} ${ASK_ADMIN}` });
  if (error instanceof OutboundRefused || error instanceof StdioEntryRefused) {
    return new UpstreamFailure('guardrail', error.message, { cause: error });
  }
  if (error instanceof ProxyFailure) return new UpstreamFailure('upstream_unreachable', error.message, { cause: error });
  if (error instanceof SecretUnavailable) return new UpstreamFailure('credential_unavailable', error.message, { cause: error });
  if (error instanceof ResponseTooLarge) return new UpstreamFailure('upstream_too_large', error.message, { cause: error });
  if (error instanceof JsonTooRich) return createToldFailure('upstream_too_large', describeTooRich(error), { cause: error });
  if (error instanceof AnswerCodingFailed) return createToldFailure('upstream_protocol', error.message, { cause: error });
  return toSystemFailure(error);
}

function describeTooRich({ message }: JsonTooRich): string {
  return `The server answered with more than is passed on. ${message} Ask it for less.`;
}

export function createServerClosedFailure(cause?: unknown): UpstreamFailure {
  return new UpstreamFailure('upstream_unreachable', 'The server cannot be reached: it closed the connection.', { cause });
}

/** A connection that is closed by this side: idle too long, or its client or its server is gone. */
export function createAgentClosedFailure(): UpstreamFailure {
  return createToldFailure('upstream_unreachable', 'The connection to the server was closed. Try again.', { byUs: true });
}

/** A call is not held any more. It is not sent again: it may have changed something. */
export function createNotHeldFailure(): UpstreamFailure {
  const message =
    'This call waited for the answers of its client, but is not held any more: it took too long, was answered before, the configuration was changed, or the ' +
    'agent or the connection to the server was started anew. The server may have carried it out or not, so it was not sent again. Look before you make it again.';
  return createToldFailure('upstream_timeout', message, { byUs: true });
}

/** What would be sent now is another thing than the server is carrying out for a call that is held. */
export function createChangedFailure(): UpstreamFailure {
  const message =
    'The configuration was changed while the client was asked, so the call did not go on. The server may have carried it out or not. Look before you ' +
    'make it again.';
  return createToldFailure('tool_not_approved', message, { byUs: true });
}

/** A JSON-RPC error as the failure of something that cannot go on without a result. */
export function toAnswerFailure({ code, message }: RpcError): UpstreamFailure {
  return createToldFailure('upstream_protocol', `The server answered with error ${formatCode(code)}: ${message}`);
}

/** What came with a status: how long the server asks to wait, in a sentence, and its own words; '' for what it did not say. */
export interface SaidWithStatus {
  wait: string;
  words: string;
}

/** An HTTP status other than success. */
export function toStatusFailure(status: number, { wait, words }: SaidWithStatus = { wait: '', words: '' }): UpstreamFailure {
  const [code, sentence] = describeStatus(status);
  const addWait = (text: string) => (wait === '' ? text : `${text} ${wait}`);
  const told = code === 'credential_unavailable' ? `The server answered with HTTP ${status}. ${TOLD[code]}` : sentence;
  return new UpstreamFailure(code, addWait(sentence), { status, told: addWait(told), words });
}

function describeStatus(status: number): [code: UpstreamFailureCode, sentence: string] {
  if (status === 401 || status === 403)
    return ['credential_unavailable', `The server did not accept the agent's credential (HTTP ${status}).`];
  if (status >= 500) return ['upstream_unreachable', `The server is not available (HTTP ${status}).`];
  return ['upstream_protocol', `The server answered with HTTP ${status}.`];
}

/** Of a server that is a process. */
const COMMAND_ERRORS: Record<string, string> = {
  ENOENT: 'its command does not exist',
  EACCES: 'its command may not be run',
};

function toSystemFailure(error: unknown): UpstreamFailure | null {
  const code = readErrorCode(error);
  const what = code === null ? null : (describeConnectionError(code) ?? COMMAND_ERRORS[code]);
  return what ? new UpstreamFailure('upstream_unreachable', `The server cannot be reached: ${what}.`, { cause: error }) : null;
}

function* listCauses(error: unknown): Generator<unknown> {
  let current = error;
  for (let depth = 0; depth < 8 && current !== undefined; depth += 1) {
    yield current;
    if (current instanceof AggregateError) yield* current.errors;
    current = current instanceof Error ? current.cause : undefined;
  }
}
