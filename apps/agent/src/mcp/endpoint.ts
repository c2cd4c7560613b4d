import type { ServerResponse } from 'node:http';

import type { Implementation } from '@modelcontextprotocol/server';

import type { CompiledProfile } from '@gatehouse/policy/compile';

import type { CallTrail } from './call-trail.ts';
import { handleToolCall, type ToolCallDeps } from './handle-tool-call.ts';
import type { Caller } from './identity.ts';
import type { OpenWork } from './open-work.ts';
import { sendError, sendResult, type RpcError, type RpcId } from './reply.ts';
import type { Session, Sessions } from './sessions.ts';

/** What both eras of the protocol need to answer a request. */
export interface EndpointDeps extends ToolCallDeps {
  sessions: Sessions;
  work: OpenWork;
  agentVersion: string;
}

/** A request that passed the door and whose body was read. */
export interface EndpointRequest {
  response: ServerResponse;
  caller: Caller;
  trail: CallTrail;
}

/** How this agent introduces itself for a profile. */
export function serverInfo(profile: CompiledProfile, agentVersion: string): Implementation {
  return { name: 'gatehouse', title: profile.profile.name, version: agentVersion };
}

/** Runs one tool call and answers it; `finish` gives the result the form of its era. */
export async function runToolCall(
  deps: EndpointDeps,
  { response, caller, trail }: EndpointRequest,
  call: { id: string | number; params: unknown; session: Session | null },
  finish: (result: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const running = deps.work.startCall(caller.key, response);
  const untrack = call.session?.track(call.id, running.stop);
  try {
    const reply = await handleToolCall(deps, { caller, params: call.params, signal: running.signal, trail });
    if (reply.kind === 'result') sendResult(response, call.id, finish(reply.result));
    else if (reply.kind === 'error') sendError(response, 200, call.id, { code: reply.code, message: reply.message });
    else if (!response.destroyed) response.writeHead(202).end();
  } finally {
    untrack?.();
    running.end();
  }
}

/** Refuses a request and, because it was a call or cannot be told from one, leaves its receipt. */
export function refuseMalformed(request: EndpointRequest, status: number, id: RpcId, error: RpcError): void {
  request.trail.end('request_malformed');
  sendError(request.response, status, id, error);
}
