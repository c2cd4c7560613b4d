import type { Logger } from 'pino';

import type { CheckName, ReasonCode } from '@gatehouse/policy/decision';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { LimitInForce } from '@gatehouse/policy/documents/server-limits';
import type { CallTarget } from '@gatehouse/policy/evaluate';

import { AuditUnavailable, type CallJournal } from '../audit/journal.ts';
import { ASK_ADMIN } from '../config/ask-admin.ts';
import type { CurrentConfig } from '../config/current.ts';
import type { Conversation, OnHeld, UpstreamClient } from '../upstream/conversation.ts';
import { createNotHeldFailure, toUpstreamFailure } from '../upstream/failure.ts';
import { isAboutHeldCall } from '../upstream/held-call.ts';
import type { UpstreamPool } from '../upstream/pool.ts';
import { isInputRequired, readAskedInputs, type AskedInputs } from '../wire/input-required.ts';
import type { JsonPieces } from '../wire/json-parts.ts';
import type { RpcAnswer, RpcError, ServerMessage } from '../wire/json-rpc.ts';
import { keepText } from '../wire/json-text.ts';
import { META, METHOD, RpcCode, type Era } from '../wire/protocol.ts';
import { answerDenied, answerRefused, chooseFailedCheck, recordAnswer } from './answer.ts';
import { isRead, toApprovedEntry } from './approved-entry.ts';
import type { Caller } from './client-key.ts';
import type { ClientText } from './client-text.ts';
import type { Deadline } from './deadline.ts';
import { decideAgain, decideCall } from './decide-call.ts';
import type { HeldReceipts, HeldWorkList } from './held-receipts.ts';
import type { RequestStates } from './request-state.ts';
import { getRequestName, type CallRequest, type Retry } from './request.ts';
import type { CallTrail } from './trail.ts';
import { translateError } from './translate-error.ts';

export interface CallDeps {
  current: CurrentConfig;
  journal: CallJournal;
  upstreams: UpstreamPool;
  states: RequestStates;
  work: HeldWorkList;
  held: HeldReceipts;
  now: () => Date;
  log: Logger;
}

/** Where a message of a server comes from. */
export interface MessageSource {
  serverId: string;
  conversation: Conversation;
}

/** Brings what a server says during one call to the client that made it, in the form of the protocol that this client speaks. */
export interface ClientRelay {
  readonly era: Era;
  /** for servers that log only at a level named in the request, while the client has named none; null: it wants no log messages */
  readonly defaultLogLevel: string | null;
  formatResult(result: JsonObject): JsonObject;
  /** Told which server the call goes to, before anything is sent there. */
  noteServer(serverId: string): void;
  /** Takes progress, log messages and requests of the server while the call is under way. */
  relayMessage(message: ServerMessage, source: MessageSource): void;
  /** Resolves when the client has read what waits for it, or is gone; null: not much does. The same promise for as long as it waits. */
  waitForReader(): Promise<void> | null;
  /** Asks the client what the server wants to know. Resolves with null when it does not answer. Null: its protocol asks in results. */
  readonly elicit: ((asked: AskedInputs, serverId: string) => Promise<Retry | null>) | null;
}

/** One governed request, whatever it came over. Key and session were checked when it came in, by clients/admission.ts and clients/legacy. */
export interface IncomingCall {
  caller: Caller;
  trail: CallTrail;
  request: CallRequest;
  /** the caller as servers see it */
  client: UpstreamClient;
  relay: ClientRelay;
  /** what the server says, as the caller may read it */
  text: ClientText;
  /** aborted with CallStopped when nobody waits for the answer any more, or the server takes too long */
  signal: AbortSignal;
  deadline: Deadline;
}

export type CallReply =
  /** the result as JSON, in the form of the client's protocol, as the caller may read it. The call ends with `reasonCode` once it was read; null: it has ended */
  | { kind: 'result'; json: JsonPieces; reasonCode: ReasonCode | null }
  | { kind: 'error'; error: RpcError }
  /** nobody waits: nothing is to be sent */
  | { kind: 'none' };

/** Rounds of questions after which a call counts as endless. */
const MAX_ROUNDS = 16;

/** Why a call is not made, or not gone on with. */
export type Refusal = [check: CheckName, code: ReasonCode, message: string];

/**
 * Takes a tools/call, prompts/get or resources/read through every check to its receipt: identity, profile, catalogue, arguments, rules, intent
 * on disk, credential, pin, upstream, response, redaction, receipt. Exactly one receipt is written, whatever happens: of a result by whoever sends it,
 * by `endAnswered`. Never rejects.
 */
export async function handleCall(deps: CallDeps, call: IncomingCall): Promise<CallReply> {
  const { trail, request } = call;
  try {
    trail.setRequest(request);

    // is there a configuration, and may it still be used; identity, once more; profile, catalogue, arguments, rules
    const decision = decideCall(deps, call);
    if ('refused' in decision) return refuse(call, ...decision.refused);
    if (decision.profile) trail.setProfile(decision.profile);
    if (decision.target) trail.setTarget(decision.target);
    trail.add(decision.checks);
    if (decision.kind === 'deny') {
      trail.end(decision.code);
      return answerDenied(call, decision.code, decision.message);
    }
    const { profile, target } = decision;

    // the state of an earlier round, which the client carried
    const retry = openRetry(deps, call, target);
    if (retry === 'refused') {
      const message =
        'This requestState is not valid for this request: it was changed, is too old, belongs to another one, or the agent was started anew.';
      trail.fail('arguments', 'request_malformed');
      trail.end('request_malformed');
      return { kind: 'error', error: { code: RpcCode.invalidParams, message } };
    }

    // a call that waited for its client; it has its intent
    const resumed = retry && deps.held.take(retry, call);
    try {
      // intent on disk
      if (!trail.hasIntent) {
        if (profile.profile.audit === 'best_effort' && isRead(target)) trail.skip('intent');
        else await writeIntent(deps, call);
      }
      return await forwardCall(deps, call, target, resumed ? resumed.retry : retry);
    } finally {
      resumed?.release();
    }
  } catch (error) {
    if (error instanceof AuditUnavailable) return refuse(call, 'intent', 'audit_unavailable', `${error.message} ${ASK_ADMIN}`);
    deps.log.error({ err: error, callId: trail.callId }, 'a call failed inside the agent');
    trail.end('internal');
    return answerRefused(call, `The agent failed while handling this call. ${ASK_ADMIN}`);
  }
}

async function writeIntent({ journal }: CallDeps, { trail }: IncomingCall): Promise<void> {
  await journal.begin(trail.copyFacts());
  trail.pass('intent');
}

/** credential, upstream, response, redaction, receipt */
async function forwardCall(deps: CallDeps, call: IncomingCall, target: CallTarget, first: Retry | null): Promise<CallReply> {
  const { trail, signal, relay } = call;
  const { server } = target;
  try {
    // credential
    relay.noteServer(server.id);
    const conversation = await openConversation(deps, call, server, first);
    trail.checkCredential();

    // pin: what the server itself defines at this moment; upstream; both once more for each round of questions to the client
    trail.startUpstream();
    const answer = await askServer(deps, call, target, { conversation, first });
    trail.stopUpstream();
    if ('refused' in answer) return refuse(call, ...answer.refused);
    trail.pass('upstream');

    // response
    const recorded = recordAnswer(trail, call.request.method, target, answer);
    if (recorded.code === 'upstream_protocol') {
      if (recorded.error) return relayError(deps, call, recorded.error);
      return refuse(call, 'response', recorded.code, 'The server answered with something that is no result of this request.');
    }

    // redaction: the credentials that the agent holds do not go back to the caller; then the receipt
    const json = call.text.write(relay.formatResult(recorded.result));
    trail.stopClock();
    return { kind: 'result', json, reasonCode: recorded.code };
  } catch (error) {
    const failure = toUpstreamFailure(error, signal);
    trail.stopUpstream();
    if (failure.code !== 'cancelled') {
      const { code, message, told } = failure;
      deps.log.warn(
        { callId: trail.callId, server: server.slug, code, reason: message },
        'a call came to no result at its server',
      );
      return refuse(call, chooseFailedCheck(failure), code, told, failure.limit);
    }
    trail.fail('upstream', 'cancelled');
    trail.end('cancelled');
    return { kind: 'none' };
  }
}

/** For a call that was held nobody hears that the server cannot be reached just now: it was sent, and who tries again might send it twice. */
async function openConversation(
  { upstreams }: CallDeps,
  { client, signal }: IncomingCall,
  server: CallTarget['server'],
  retry: Retry | null,
): Promise<Conversation> {
  try {
    return await upstreams.requireUpstream(server).open(client, signal);
  } catch (error) {
    throw retry && isAboutHeldCall(retry) && !signal.aborted ? createNotHeldFailure() : error;
  }
}

/** Asks the server, and again with the client's answers for as long as it wants to know more. */
async function askServer(
  deps: CallDeps,
  call: IncomingCall,
  target: CallTarget,
  { conversation, first }: { conversation: Conversation; first: Retry | null },
): Promise<RpcAnswer | { refused: Refusal }> {
  const { client, relay } = call;
  const { server } = target;
  let answer = await ask(deps, call, target, { conversation, retry: first });
  for (let round = 1; 'result' in answer && isInputRequired(answer.result); round += 1) {
    const asked = readAskedInputs(answer.result, client.facts.capabilities);
    if (!asked || round > MAX_ROUNDS) {
      return { refused: ['response', 'upstream_protocol', 'The server asked for something that this client cannot be asked.'] };
    }
    if (!relay.elicit) return { result: sealState(deps, call, server.id, answer.result, asked) };
    const retry = await relay.elicit(asked, server.id);
    if (!retry) return { refused: ['upstream', 'cancelled', 'The client did not answer what the server asked.'] };
    const again = decideAgain(deps, call, target);
    if ('refused' in again) return again;
    // the server may have been withheld meanwhile, or stand elsewhere
    const opening = deps.upstreams.requireUpstream(again.target.server).open(client, call.signal);
    const next = await call.deadline.pauseDuring(opening);
    answer = await ask(deps, call, again.target, { conversation: next, retry });
  }
  return answer;
}

/** The request in the server's own words: its names, the arguments that were checked, the caller's own `_meta`. */
function ask(
  { upstreams, held }: CallDeps,
  call: IncomingCall,
  target: CallTarget,
  { conversation, retry }: { conversation: Conversation; retry: Retry | null },
): Promise<RpcAnswer> {
  const { request, signal, relay, deadline, trail } = call;
  const { server } = target;
  deadline.begin(upstreams.timeRequest(server, target.kind === 'tool' ? target.entry.name : null));
  const meta = conversation.era === 'modern' ? addLogLevel(call) : request.meta;
  const onMessage = (message: ServerMessage) => {
    deadline.touch();
    relay.relayMessage(message, { serverId: server.id, conversation });
  };
  const onNoRoom = (over: Promise<void>) => void deadline.pauseDuring(over);
  const onConfirmed = (age: number | null) => trail.passPin(age === null ? null : Math.round(age));
  const onHeld: OnHeld = (handle) => held.begin(call, target, handle);
  // that time is the client's
  let [reading, counted]: (Promise<void> | null)[] = [null, null];
  const waitForReader = () => {
    const next = relay.waitForReader();
    if (next !== reading) counted = next && deadline.pauseDuring(next);
    reading = next;
    return counted ?? null;
  };
  const heard = { signal, onMessage, waitForReader, onNoRoom };
  const approved = { ...toApprovedEntry(target), onConfirmed, onHeld };
  if (target.kind === 'tool') {
    // where the client sent no `arguments` and the profile pins none, the server gets none
    const isBare = request.method === METHOD.callTool && !request.arguments && Object.keys(target.arguments).length === 0;
    const args = isBare ? undefined : keepText(target.arguments, request.method === METHOD.callTool ? request.arguments : null);
    const { definition } = target.entry;
    return conversation.callTool({ ...approved, definition, arguments: args, meta, ...(retry && { retry }), ...heard });
  }
  const named =
    target.kind === 'prompt'
      ? { name: target.entry.name, ...(request.method === METHOD.getPrompt && { arguments: request.arguments }) }
      : { uri: getRequestName(request) };
  const params = { ...named, ...retry, _meta: meta };
  return conversation.request({ method: request.method, params, approved, ...heard });
}

function addLogLevel({ request: { meta }, client, relay }: IncomingCall): JsonObject {
  if (relay.defaultLogLevel === null || client.getLogLevel() !== null) return meta;
  return keepText({ ...meta, [META.logLevel]: relay.defaultLogLevel }, meta);
}

/** Unseals the server's state in a repeated request. `refused`: it was not sealed for this very request. */
function openRetry({ states }: CallDeps, { caller, request }: IncomingCall, { server }: CallTarget): Retry | null | 'refused' {
  if (request.retry?.requestState === undefined) return request.retry;
  const requestState = states.open({ caller, request, serverId: server.id }, request.retry.requestState);
  return requestState === null ? 'refused' : { ...request.retry, requestState };
}

function sealState(
  { states }: CallDeps,
  { caller, request }: IncomingCall,
  serverId: string,
  result: JsonObject,
  { requestState }: AskedInputs,
): JsonObject {
  return requestState === undefined
    ? result
    : keepText({ ...result, requestState: states.seal({ caller, request, serverId }, requestState) }, result);
}

/** An error of the server is the caller's to read, like a result. */
function relayError(deps: CallDeps, call: IncomingCall, error: RpcError): CallReply {
  const translated = translateError(error, { era: call.relay.era, capabilities: call.client.facts.capabilities });
  if ('agentFailed' in translated) {
    deps.log.warn({ callId: call.trail.callId, code: error.code }, 'a server refused the form of a request');
    return refuse(call, 'response', 'upstream_protocol', translated.agentFailed);
  }
  const clean = call.text.cleanError(translated.error);
  call.trail.end('upstream_protocol');
  return { kind: 'error', error: clean };
}

function refuse(
  call: IncomingCall,
  check: CheckName,
  code: ReasonCode,
  message: string,
  limit: LimitInForce | null = null,
): CallReply {
  call.trail.fail(check, code, limit);
  const reply = answerRefused(call, message);
  call.trail.end(code);
  return reply;
}
