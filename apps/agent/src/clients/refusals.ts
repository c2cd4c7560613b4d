import type { ServerResponse } from 'node:http';

import type { CallDeps } from '../call/handle-call.ts';
import { sendError } from '../http/reply.ts';
import { discardBody } from '../http/request.ts';
import type { RpcError, RpcId } from '../wire/json-rpc.ts';
import { RpcCode } from '../wire/protocol.ts';
import { answerError } from './answer.ts';
import type { AdmittedRequest } from './endpoint.ts';

/** Refuses a malformed request that was a call, or that cannot be told from one, and leaves its receipt. */
export function refuseMalformed(admitted: AdmittedRequest, status: number, id: RpcId | null, error: RpcError): void {
  admitted.trail.end('request_malformed');
  answerError(admitted, id, error, status);
}

/** Answers whatever would begin while the agent is going away. */
export function refuseWhileClosing(response: ServerResponse): void {
  sendError(response, 503, null, CLOSING, { 'retry-after': '5', connection: 'close' });
}

export const CLOSING: RpcError = { code: RpcCode.refused, message: 'This agent is being stopped. Try again in a moment.' };

/** Answers a request that there is no room for, and leaves its receipt. Nothing of it was done. */
export function refuseBusy({ trail, request, response }: AdmittedRequest): void {
  trail.end('busy');
  const message = `This agent has no room for the request at the moment. Try again in ${BUSY_RETRY_SECONDS} seconds.`;
  sendError(response, 503, null, { code: RpcCode.refused, message }, { 'retry-after': String(BUSY_RETRY_SECONDS) });
  discardBody(request);
}
const BUSY_RETRY_SECONDS = 5;

export function refuseMethod(response: ServerResponse): void {
  sendError(response, 405, null, { code: RpcCode.refused, message: 'Method not allowed.' }, { allow: 'GET, POST, DELETE' });
}

/** Null while the configuration may be used; else the error for a request that leaves no receipt: lists end with the lease as calls do. */
export function findServingProblem({ current, now }: CallDeps): RpcError | null {
  const serving = current.checkServing(now().getTime());
  return serving.ok ? null : { code: RpcCode.internal, message: serving.message };
}

/** The error for a message in a revision that is not served. */
export function describeUnsupportedVersion(requested: string, supported: readonly string[]): RpcError {
  return { code: RpcCode.unsupportedVersion, message: 'Unsupported protocol version', data: { supported, requested } };
}
