import type { IncomingMessage, ServerResponse } from 'node:http';

import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import type { RecordedMethod } from '@gatehouse/protocol/receipt';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { UpstreamClient } from '../upstream/conversation.ts';
import { toUpstreamFailure } from '../upstream/failure.ts';
import { CALL_FORMS, readCall } from '../call/request.ts';
import type { CallTrail } from '../call/trail.ts';
import { Deadline } from '../call/deadline.ts';
import { type CallDeps, type ClientSide, handleCall } from '../call/handle-call.ts';
import type { Caller } from '../call/client-key.ts';
import type { OpenWork } from './open-work.ts';
import { RpcCode } from '../wire/protocol.ts';
import { type ErrorReader, relayedError } from '../call/relayed-error.ts';
import { ReplyChannel } from './reply-channel.ts';
import { sendError } from '../http/reply.ts';
import { scrubbedJson } from '../call/scrubbed-json.ts';
import type { Sessions } from './legacy/sessions.ts';
import type { RpcAnswer, RpcError, RpcId } from '../wire/json-rpc.ts';

/** What both eras of the protocol need to answer a request. */
export interface EndpointDeps extends CallDeps {
  sessions: Sessions;
  work: OpenWork;
  agentVersion: string;
  /** longest time a server may say nothing, milliseconds */
  deadlineMs: number;
}

/** A request that passed the door and whose body was read. */
export interface EndpointRequest {
  request: IncomingMessage;
  response: ServerResponse;
  caller: Caller;
  trail: CallTrail;
}

/** One message of the client that wants an answer. */
export interface ClientRequest {
  id: string | number;
  method: string;
  params: JsonObject;
}

/** A request that is under way. */
export interface Running {
  channel: ReplyChannel;
  /** aborted with CallStopped when the client is gone, its key was revoked, or the server takes too long */
  signal: AbortSignal;
  stop: ReturnType<OpenWork['startCall']>['stop'];
  deadline: Deadline;
  end(): void;
}

/** How this agent introduces itself for a profile. */
export function serverInfo({ profile }: CompiledProfile, agentVersion: string): JsonObject {
  return { name: 'gatehouse', title: profile.name, version: agentVersion };
}

/** Begins to answer a request; `end` has to be called whatever becomes of it. */
export function startRequest(deps: EndpointDeps, { request, response, caller }: EndpointRequest, id: string | number): Running {
  const work = deps.work.startCall(caller.key, response);
  const { signal, stop } = work;
  // whoever left before this will not be heard leaving
  if (response.destroyed) stop('cancelled');
  const channel = new ReplyChannel(response, id, acceptsStream(request));
  const deadline = new Deadline(deps.deadlineMs, () => stop('upstream_timeout'));
  return {
    channel,
    signal,
    stop,
    deadline,
    end: () => {
      deadline.end();
      work.end();
    },
  };
}

export function acceptsStream({ headers }: IncomingMessage): boolean {
  return /text\/(?:event-stream|\*)|\*\/\*/i.test(headers.accept ?? '');
}

/** Runs one governed request and answers it. */
export async function runCall(
  deps: EndpointDeps,
  endpoint: EndpointRequest,
  { id, method, params }: ClientRequest & { method: RecordedMethod },
  { client, start }: { client: UpstreamClient; start: () => { running: Running; side: ClientSide } },
): Promise<void> {
  const { caller, trail } = endpoint;
  trail.facts.method = method;
  const request = readCall(method, params);
  if (!request) return refuseMalformed(endpoint, 200, id, { code: RpcCode.invalidParams, message: CALL_FORMS[method] });
  const { running, side } = start();
  const { channel, signal, deadline } = running;
  try {
    const reply = await handleCall(deps, { caller, request, client, side, signal, deadline, trail });
    if (reply.kind === 'result') channel.result(reply.json);
    else if (reply.kind === 'error') channel.error(reply.error, statusOf(side.era, reply.error));
    else channel.none();
  } finally {
    running.end();
  }
}

/** Runs a request that is passed on without a receipt, because it moves no content, and answers it. */
export async function runRelayed(
  deps: EndpointDeps,
  running: Running,
  reader: ErrorReader,
  task: (signal: AbortSignal) => Promise<RpcAnswer>,
  finish: (result: JsonObject) => JsonObject,
): Promise<void> {
  const { channel, signal } = running;
  const fail = (error: RpcError) =>
    channel.error(JSON.parse(scrubbedJson(deps.scrub, error)) as RpcError, statusOf(reader.era, error));
  try {
    const answer = await task(signal);
    if ('result' in answer) return channel.result(scrubbedJson(deps.scrub, finish(answer.result)));
    const relayed = relayedError(answer.error, reader);
    fail('error' in relayed ? relayed.error : { code: RpcCode.internal, message: relayed.agentFailed });
  } catch (error) {
    const failure = toUpstreamFailure(error, signal);
    if (failure.code === 'cancelled') channel.none();
    else fail({ code: RpcCode.internal, message: failure.message });
  } finally {
    running.end();
  }
}

/** The newer protocol gives one error a status of its own, also when it comes from behind. */
function statusOf(era: ErrorReader['era'], { code }: RpcError): number {
  return era === 'modern' && code === RpcCode.missingCapability ? 400 : 200;
}

/** Refuses a request and, because it was a call or cannot be told from one, leaves its receipt. */
export function refuseMalformed(endpoint: EndpointRequest, status: number, id: RpcId | null, error: RpcError): void {
  endpoint.trail.end('request_malformed');
  sendError(endpoint.response, status, id, error);
}

/** Null, or the sentence why nothing is served now: lists end with the lease as calls do. */
export function notServing(deps: CallDeps): RpcError | null {
  const serving = deps.current.serving(deps.now().getTime());
  return serving.ok ? null : { code: RpcCode.internal, message: serving.message };
}
