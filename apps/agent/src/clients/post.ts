import { isJsonObject } from '@gatehouse/policy/documents/json';

import { isCallMethod } from '../call/request.ts';
import type { InFlight } from '../http/in-flight.ts';
import { discardBody, getSingleHeader, MAX_BODY_BYTES, readBody } from '../http/request.ts';
import {
  isRpcId,
  readClientMessage,
  type ClientMessage,
  type ModernMessage,
  type RpcError,
  type RpcId,
} from '../wire/json-rpc.ts';
import { splitList, writeJson, type ReadJson } from '../wire/json-text.ts';
import { isModern } from '../wire/meta.ts';
import { HEADER, MODERN_VERSIONS, RpcCode } from '../wire/protocol.ts';
import { JsonRefused, readStrictJson } from '../wire/strict-json.ts';
import { joinChunks } from '../wire/work-bytes.ts';
import { answerError } from './answer.ts';
import { BatchReply } from './batch-reply.ts';
import type { AdmittedRequest, EraEndpoint } from './endpoint.ts';
import type { OpenWork } from './open-work.ts';
import { CLOSING, refuseBusy, refuseMalformed, refuseWhileClosing } from './refusals.ts';
import { acceptsStream } from './reply-channel.ts';

export interface Endpoints {
  /** `takesBatch`: whether its sender may send several messages in one body */
  legacy: EraEndpoint & { takesBatch(admitted: AdmittedRequest): boolean };
  modern: EraEndpoint<ModernMessage>;
  work: OpenWork;
  inFlight: InFlight;
}

/** Messages in one body. */
const MOST_IN_BATCH = 100;

/** Reads one message, or where they are allowed several, and gives it to the era of the protocol that its body belongs to. */
export async function handlePost(endpoints: Endpoints, admitted: AdmittedRequest): Promise<void> {
  const read = await readMessage(endpoints.inFlight, admitted);
  if (!read) return;
  const list = splitList(read);
  return list ? handleBatch(endpoints, admitted, list) : handleMessage(endpoints, admitted, read);
}

/** Each message is checked, decided and recorded as if it had come alone; their answers go back together. */
async function handleBatch(endpoints: Endpoints, admitted: AdmittedRequest, list: readonly ReadJson[]): Promise<void> {
  const problem = findBatchProblem(endpoints, admitted, list);
  if (problem !== null) return refuseMalformed(admitted, 400, null, { code: RpcCode.invalidRequest, message: problem });
  const { request, response, trail } = admitted;
  const batch = new BatchReply(response, acceptsStream(request));
  const handled = await Promise.allSettled(
    list.map(async (read) => handleMessage(endpoints, { ...admitted, trail: trail.split(), batch }, read)),
  );
  const failed = handled.find((each) => each.status === 'rejected');
  const message = 'The agent failed while handling a message of this batch.';
  if (failed) batch.answer(null, writeJson({ jsonrpc: '2.0', id: null, error: { code: RpcCode.internal, message } }));
  batch.end();
  // the others have their answers; what failed is logged as with any request
  if (failed) throw failed.reason;
}

function findBatchProblem({ legacy }: Endpoints, admitted: AdmittedRequest, list: readonly ReadJson[]): string | null {
  if (!legacy.takesBatch(admitted)) return 'Send one message at a time, not a batch.';
  if (list.length === 0) return 'A batch has to hold a message.';
  return list.length > MOST_IN_BATCH ? `Send at most ${MOST_IN_BATCH} messages in one batch.` : null;
}

function handleMessage({ legacy, modern, work }: Endpoints, admitted: AdmittedRequest, read: ReadJson): Promise<void> | void {
  const body = read.value;
  if (isJsonObject(body)) admitted.trail.setMethod(body['method']);
  const message = readClientMessage(read);
  if (!message) return refuseInvalid(admitted, body);
  if (message.kind === 'request' && work.isClosing())
    return admitted.batch ? answerError(admitted, message.id, CLOSING) : refuseWhileClosing(admitted.response);
  return !admitted.batch && belongsToModern(admitted, message)
    ? modern.handlePost(admitted, message)
    : legacy.handlePost(admitted, message);
}

/**
 * The body decides. A header that names the newer revision makes a body without its keys an error of that revision, except for an answer,
 * which only the older protocol has.
 */
function belongsToModern({ request }: AdmittedRequest, message: ClientMessage): message is ModernMessage {
  if (message.kind === 'answer') return false;
  if (isModern(message.params)) return true;
  const version = getSingleHeader(request, HEADER.protocolVersion)?.trim();
  return version !== undefined && MODERN_VERSIONS.includes(version);
}

/** The body as it was read; null after an answer was given. */
async function readMessage(inFlight: InFlight, admitted: AdmittedRequest): Promise<ReadJson | null> {
  const { request } = admitted;
  const refuse = (status: number, code: number, message: string) => {
    refuseMalformed(admitted, status, null, { code, message });
    discardBody(request);
    return null;
  };
  const { headers } = request;
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) {
    return refuse(415, RpcCode.refused, 'Content-Type has to be application/json.');
  }
  if (headers['content-encoding'] !== undefined) return refuse(415, RpcCode.refused, 'The body has to be sent uncompressed.');
  if (!/application\/(?:json|\*)|\*\/\*/i.test(headers.accept ?? '')) {
    return refuse(406, RpcCode.refused, 'Accept has to name application/json and text/event-stream.');
  }
  const taken = inFlight.take(request, admitted.response, admitted.caller.key.keyId);
  const hold = taken instanceof Promise ? await taken : taken;
  if (!hold) {
    refuseBusy(admitted);
    return null;
  }
  admitted.hold = hold;
  const chunks = await readBody(request);
  if (!chunks) {
    admitted.trail.end('request_too_large');
    return refuse(413, RpcCode.refused, `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB.`);
  }
  const bytes = joinChunks(chunks);
  hold.setBody(bytes.length);
  try {
    return readStrictJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    if (error.kind === 'too_rich') {
      admitted.trail.end('request_too_large');
      return refuse(413, RpcCode.refused, error.message);
    }
    return refuse(400, error.kind === 'syntax' ? RpcCode.parseError : RpcCode.invalidRequest, error.message);
  }
}

/** Refuses JSON that is no JSON-RPC message. It is recorded as a malformed call unless it names a method that is none. */
function refuseInvalid(admitted: AdmittedRequest, body: unknown): void {
  const { method, id } = isJsonObject(body) ? body : {};
  const answeredId: RpcId | null = isRpcId(id) ? id : null;
  const error: RpcError = { code: RpcCode.invalidRequest, message: 'The body is no JSON-RPC 2.0 message of MCP.' };
  if (typeof method === 'string' && !isCallMethod(method)) return answerError(admitted, answeredId, error, 400);
  refuseMalformed(admitted, 400, answeredId, error);
}
