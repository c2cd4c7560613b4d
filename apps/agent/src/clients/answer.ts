import { sendError, sendResult } from '../http/reply.ts';
import type { RpcError, RpcId } from '../wire/json-rpc.ts';
import { writeJson } from '../wire/json-text.ts';
import type { AdmittedRequest } from './endpoint.ts';

/** Answers a request at once with a result, alone or among the others of its batch. */
export function answerResult({ response, batch }: AdmittedRequest, id: RpcId, result: unknown): void {
  if (batch) batch.answer(id, writeJson({ jsonrpc: '2.0', id, result }));
  else sendResult(response, id, result);
}

/** The same with an error. `id` is null where nobody can say which request it was. */
export function answerError({ response, batch }: AdmittedRequest, id: RpcId | null, error: RpcError, status = 200): void {
  if (batch) batch.answer(id, writeJson({ jsonrpc: '2.0', id, error }));
  else sendError(response, status, id, error);
}
