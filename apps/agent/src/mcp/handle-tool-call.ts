import type { Logger } from 'pino';

import type { CompiledTool } from '@gatehouse/policy/compile';
import type { CheckName, ReasonCode } from '@gatehouse/policy/decision';
import { evaluate } from '@gatehouse/policy/evaluate';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/json';

import { AuditUnavailable, type CallJournal } from '../audit/journal.ts';
import type { CurrentConfig } from '../config/current.ts';
import type { CredentialScrub } from '../upstream/credential-scrub.ts';
import { CallStopped, toUpstreamFailure, type UpstreamFailure, type UpstreamFailureCode } from '../upstream/failure.ts';
import type { UpstreamPool } from '../upstream/pool.ts';
import type { CallTrail } from './call-trail.ts';
import { isStillValid, type Caller } from './identity.ts';

export interface ToolCallDeps {
  current: CurrentConfig;
  journal: CallJournal;
  upstreams: UpstreamPool;
  scrub: CredentialScrub;
  /** longest time an upstream may take, milliseconds */
  deadlineMs: number;
  now(): Date;
  log: Logger;
}

/** One `tools/call`, whatever it came over. Identity and session were checked when the request came in: server.ts and legacy.ts. */
export interface IncomingToolCall {
  caller: Caller;
  /** `params` of the request as parsed */
  params: unknown;
  /** aborted when nobody waits for the answer any more */
  signal: AbortSignal;
  trail: CallTrail;
}

export type ToolCallReply =
  | { kind: 'result'; result: JsonObject }
  | { kind: 'error'; code: number; message: string }
  /** nobody waits: nothing is to be sent */
  | { kind: 'none' };

const INVALID_PARAMS = -32602;

/**
 * Takes a call through every check to its receipt: identity, profile, catalogue, pin, arguments, rules, intent on disk, credential, upstream,
 * response, receipt. Exactly one receipt is written, whatever happens. Never rejects.
 */
export async function handleToolCall(deps: ToolCallDeps, call: IncomingToolCall): Promise<ToolCallReply> {
  const { trail, caller } = call;
  try {
    // malformed: no tool can be named
    const request = parseParams(call.params);
    if (!request) {
      trail.end('request_malformed');
      return {
        kind: 'error',
        code: INVALID_PARAMS,
        message: 'Invalid params: a tools/call has a name and, as an object, arguments.',
      };
    }
    trail.unknownTool = request.name;
    trail.arguments = { value: request.arguments ?? {}, schema: null, marked: [] };

    // is there a configuration, and may it still be used
    const serving = deps.current.serving(deps.now().getTime());
    if (!serving.ok) return refuse(trail, 'profile', serving.code, serving.message);
    const { compiled, snapshot } = serving.config;
    trail.facts.configVersion = snapshot.version;

    // identity, once more: the key may have been revoked while the request was still coming in
    if (!isStillValid(compiled, caller.key, deps.now())) {
      return refuse(
        trail,
        'identity',
        'identity_revoked',
        'This client key is not valid any more. Create a new one on the Connect page.',
      );
    }

    // profile, catalogue, pin, arguments, rules
    const args = request.arguments ?? {};
    const decision = evaluate(compiled, {
      profileSlug: caller.profile.profile.slug,
      advertisedName: request.name,
      arguments: args,
    });
    if (decision.profile) trail.knowProfile(decision.profile);
    if (decision.tool) trail.knowTool(decision.tool, args);
    trail.add(decision.checks);
    if (decision.kind === 'deny') {
      trail.end(decision.code);
      if (decision.code === 'tool_unknown') return { kind: 'error', code: INVALID_PARAMS, message: decision.message };
      return errorResult(decision.message);
    }

    // intent on disk
    const { tool, profile } = decision;
    if (profile.profile.audit === 'best_effort' && tool.tool.risk === 'read') trail.skip('intent');
    else {
      await deps.journal.begin({ ...trail.facts });
      trail.pass('intent');
    }

    return await sendOn(deps, call, tool, request.arguments);
  } catch (error) {
    if (error instanceof AuditUnavailable) return refuse(trail, 'intent', 'audit_unavailable', error.message);
    deps.log.error({ err: error, callId: trail.facts.callId }, 'a call failed inside the agent');
    trail.end('internal');
    return errorResult('The agent failed while handling this call. Its administrator finds the cause in the log.');
  }
}

/** credential, upstream, response, receipt */
async function sendOn(
  deps: ToolCallDeps,
  { trail, signal: caller }: IncomingToolCall,
  { tool, server }: CompiledTool,
  args: JsonObject | undefined,
): Promise<ToolCallReply> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new CallStopped('upstream_timeout')), deps.deadlineMs);
  const signal = AbortSignal.any([caller, deadline.signal]);
  const hasCredential = server.transport.kind === 'http' && server.transport.credential !== null;
  let sentAt: number | null = null;
  try {
    // credential
    const upstream = deps.upstreams.of(server);
    await upstream.open(signal);
    if (hasCredential) trail.pass('credential');
    else trail.skip('credential');

    // upstream, after one more look at the tool's pin
    sentAt = trail.elapsed();
    const approved = { name: tool.toolName, pin: tool.pin, arguments: args, inputSchema: tool.definition.inputSchema };
    const result = await upstream.call(approved, signal);
    trail.upstreamMs = trail.elapsed() - sentAt;
    trail.pass('upstream');

    // response
    trail.result = { value: result, schema: tool.definition.outputSchema ?? null, marked: tool.logResults };
    if (!isToolResult(result)) {
      return fail(deps, trail, 'response', 'upstream_protocol', 'The server answered with something that is no tool result.');
    }
    trail.pass('response');

    // receipt; the credentials that the agent holds do not go back to the caller
    const scrubbed = deps.scrub.value(result);
    if (!isJsonObject(scrubbed))
      return fail(deps, trail, 'redaction', 'internal', 'The answer could not be cleared of credentials.');
    trail.end(result['isError'] === true ? 'tool_error' : 'ok');
    return { kind: 'result', result: scrubbed };
  } catch (error) {
    const failure = toUpstreamFailure(error, signal);
    if (sentAt !== null) trail.upstreamMs = trail.elapsed() - sentAt;
    return endFailed(deps, trail, failure);
  } finally {
    clearTimeout(timer);
  }
}

function endFailed(deps: ToolCallDeps, trail: CallTrail, failure: UpstreamFailure): ToolCallReply {
  if (failure.code === 'cancelled') {
    trail.fail('upstream', 'cancelled');
    trail.end('cancelled');
    return { kind: 'none' };
  }
  return fail(deps, trail, failedCheck(failure.code), failure.code, failure.message);
}

function failedCheck(code: UpstreamFailureCode): CheckName {
  switch (code) {
    case 'tool_not_approved':
      return 'pin';
    case 'identity_revoked':
      return 'identity';
    case 'credential_unavailable':
      return 'credential';
    case 'guardrail':
    case 'upstream_unreachable':
    case 'upstream_timeout':
    case 'upstream_protocol':
    case 'upstream_too_large':
    case 'cancelled':
      return 'upstream';
  }
}

function fail(deps: ToolCallDeps, trail: CallTrail, check: CheckName, code: ReasonCode, message: string): ToolCallReply {
  return refuse(trail, check, code, deps.scrub.text(message));
}

function refuse(trail: CallTrail, check: CheckName, code: ReasonCode, message: string): ToolCallReply {
  trail.fail(check, code);
  trail.end(code);
  return errorResult(message);
}

/** Failures and refusals reach the model as a tool result: it can read the sentence and act on it. */
function errorResult(text: string): ToolCallReply {
  return { kind: 'result', result: { content: [{ type: 'text', text }], isError: true } };
}

function parseParams(params: unknown): { name: string; arguments: JsonObject | undefined } | null {
  if (!isJsonObject(params)) return null;
  const { name, arguments: args } = params;
  if (typeof name !== 'string' || name === '') return null;
  if (args !== undefined && !isJsonObject(args)) return null;
  return { name, arguments: args };
}

function isToolResult(result: unknown): result is JsonObject {
  if (!isJsonObject(result)) return false;
  const { resultType, content } = result;
  return (resultType === undefined || resultType === 'complete') && (content === undefined || Array.isArray(content));
}
