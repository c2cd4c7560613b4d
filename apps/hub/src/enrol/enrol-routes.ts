import type { IncomingMessage, ServerResponse } from 'node:http';

import type { z } from 'zod';

import {
  ENROL_PATH,
  ENROL_ROOT_PATH,
  EnrolRequest,
  EnrolRootRequest,
  type EnrolError,
  type EnrolErrorCode,
} from '@gatehouse/protocol/enrolment';
import { FEATURES_HEADER, readFeatures } from '@gatehouse/protocol/features';
import { enrolAgent } from '@gatehouse/services/agent/enrol-agent';
import { enrolRoot } from '@gatehouse/services/agent/enrol-root';
import { ServiceError } from '@gatehouse/services/errors';
import type { Runtime } from '@gatehouse/services/runtime';

const MAX_BODY_BYTES = 16 * 1024;

const STATUS: Record<EnrolErrorCode, number> = {
  token_invalid: 403,
  clock_skew: 422,
  malformed: 400,
  rate_limited: 429,
  version_too_old: 426,
  unavailable: 503,
};

type Step = (body: unknown, ip: string, features: string[]) => Promise<unknown>;

/** Answers both steps of enrolment. Returns false for any other path. */
export function createEnrolRoutes(
  runtime: Runtime,
  readAddress: (request: IncomingMessage) => string,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const steps = new Map<string, Step>([
    [ENROL_ROOT_PATH, (body, ip) => enrolRoot({ runtime, input: { ...parse(EnrolRootRequest, body), ip } })],
    [ENROL_PATH, (body, ip, features) => enrolAgent({ runtime, input: { ...parse(EnrolRequest, body), ip, features } })],
  ]);
  return (request, response) => {
    const step = steps.get(request.url ?? '');
    if (!step) return false;
    run(step, request, readAddress(request)).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const refusal = toEnrolError(error);
        const log = runtime.log.child({ path: request.url, code: refusal.code });
        if (error instanceof ServiceError) log.info('enrolment refused');
        else log.error({ err: error }, 'enrolment failed');
        send(response, STATUS[refusal.code], refusal);
      },
    );
    return true;
  };
}

async function run(step: Step, request: IncomingMessage, address: string): Promise<unknown> {
  if (request.method !== 'POST') throw createMalformedError();
  const body = await readJson(request, MAX_BODY_BYTES);
  return step(body, address, readFeatures(request.headers[FEATURES_HEADER]));
}

/** Reads a JSON body of at most `maxBytes`. Throws `invalid` for a larger one and for what is not JSON. */
async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const stream: AsyncIterable<Buffer> = request;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw new ServiceError('invalid', `The request is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ServiceError('invalid', 'The request is not JSON.');
  }
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw createMalformedError();
  return parsed.data;
}

function createMalformedError(): ServiceError {
  return new ServiceError('invalid', 'The enrolment request is not of a known form. Use the agent that the console serves.');
}

/** What is not a ServiceError says nothing about itself. */
function toEnrolError(error: unknown): EnrolError {
  if (!(error instanceof ServiceError))
    return { code: 'unavailable', message: 'Enrolment is not possible right now. Try again in a minute.' };
  return { code: toEnrolErrorCode(error), message: error.message.slice(0, 500) };
}

function toEnrolErrorCode({ code, reason }: ServiceError): EnrolErrorCode {
  if (reason === 'token_invalid' || reason === 'clock_skew' || reason === 'version_too_old') return reason;
  if (code === 'invalid') return 'malformed';
  return code === 'rate_limited' ? 'rate_limited' : 'unavailable';
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  // a body that was not read to its end makes the connection useless for another request
  response.writeHead(status, status === 200 ? headers : { ...headers, connection: 'close' }).end(JSON.stringify(body));
}
