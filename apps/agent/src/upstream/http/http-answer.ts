import type { Readable } from 'node:stream';

import type { Logger } from 'pino';

import { isEventStream, isJson } from '../../outbound/media-type.ts';
import type { OutboundAnswer } from '../../outbound/outbound.ts';
import { JsonTooRich } from '../../wire/json-bounds.ts';
import type { RpcAnswer, ServerMessage } from '../../wire/json-rpc.ts';
import { readMessages, readSentNumber, type Incoming } from '../../wire/json-rpc.ts';
import { keepText } from '../../wire/json-text.ts';
import { UpstreamFailure } from '../failure.ts';
import { describeRefusal, describeWait, nameStatus, readBodyText, shortenWords } from '../server-words.ts';
import { discard, readEvents } from './event-stream.ts';

export interface AnswerReader {
  id: number;
  onMessage: (message: ServerMessage) => void;
  waitForReader?: (() => Promise<void> | null) | undefined;
  /** asks which protocol is spoken, of which a server that is busy says nothing, whatever it answers */
  isHandshake?: boolean;
  log: Logger;
}

/** Where an event stream that ended without the answer can be taken up again. */
export interface Cursor {
  lastEventId: string;
  retryMs: number | null;
}

/** `words`: what the server said in place of an answer */
export type ReadAnswer = { answer: RpcAnswer } | { answer: null; cursor: Cursor | null; words: string };

const DRAIN_MS = 1_000;

/**
 * The JSON-RPC answer in the HTTP answer to one request; what comes before it on its stream goes to `onMessage` in order. `answer` is null when
 * the stream ended without one. Rejects with UpstreamFailure for a status that says no and carries no JSON-RPC error.
 */
export async function readHttpAnswer(response: OutboundAnswer, reader: AnswerReader): Promise<ReadAnswer> {
  const { status, headers, body } = response;
  const type = headers['content-type'];
  if (status === 200 && isJson(type)) {
    const text = await body.readText(reader.waitForReader);
    const answer = pick(readMessages(text, body.isAscii), reader, true);
    return answer ? { answer } : { answer: null, cursor: null, words: shortenWords(text) };
  }
  if (status === 200 && isEventStream(type)) return readStream(body.openStream(), reader);
  return readOtherAnswer(response, reader);
}

/** A status that says no, or a success of a type that the protocol does not have: there may be JSON in it all the same. */
async function readOtherAnswer(response: OutboundAnswer, reader: AnswerReader): Promise<ReadAnswer> {
  const { status } = response;
  const text = await readBodyText(response);
  const isRefusal = status < 200 || status > 299;
  if (!isRefusal || mayCarryAnswer(response, reader)) {
    const messages = readMessages(text).filter(({ kind }) => !isRefusal || kind !== 'malformed');
    const answer = pick(messages, reader, status < 500);
    if (answer) return { answer: isBusy(response) ? addStatus(answer, response) : answer };
  }
  if (isRefusal) throw describeRefusal(response, text);
  return { answer: null, cursor: null, words: shortenWords(text) };
}

/** Whether the JSON-RPC error in a refusal is the answer. Where it is about the credential, or no call yet, the status matters more. */
function mayCarryAnswer(response: OutboundAnswer, { isHandshake = false }: AnswerReader): boolean {
  return response.status !== 401 && response.status !== 403 && !(isHandshake && isBusy(response));
}

function isBusy({ status, headers }: OutboundAnswer): boolean {
  return status === 429 || (status > 299 && headers['retry-after'] !== undefined);
}

/** The error with what only HTTP says: its status, and how long to wait. */
function addStatus(answer: RpcAnswer, response: OutboundAnswer): RpcAnswer {
  if ('result' in answer) return answer;
  const { error } = answer;
  const said = [`The server answered with ${nameStatus(response.status)}.`, describeWait(response)];
  // on a line of its own: the server's words may end without a full stop
  const message = `${error.message}\n${said.filter((part) => part !== '').join(' ')}`;
  return { error: keepText({ ...error, message }, error) };
}

export function describeMissingAnswer(words = ''): UpstreamFailure {
  return new UpstreamFailure('upstream_protocol', 'The server ended its answer without a result for this call.', { words });
}

async function readStream(body: Readable, reader: AnswerReader): Promise<ReadAnswer> {
  let answer: RpcAnswer | null = null;
  const cursor: { lastEventId: string | null; retryMs: number | null } = { lastEventId: null, retryMs: null };
  let broken: unknown = null;
  // a call that ends does not wait for its reader
  const closed = Promise.withResolvers<void>();
  body.once('close', closed.resolve);
  try {
    const stopped = await readEvents(body, {
      onEvent: ({ id, data }) => {
        if (id !== undefined && id !== '') cursor.lastEventId = id;
        // the first event of a stream may only carry its id
        if (data === '') return false;
        const messages = readMessages(data);
        if (answer) return logStrays(messages, reader);
        answer = pick(messages, reader, false);
        return answer !== null;
      },
      onRetry: (milliseconds) => {
        cursor.retryMs = milliseconds;
      },
      waitForReader: () => {
        const read = reader.waitForReader?.() ?? null;
        return read && Promise.race([read, closed.promise]);
      },
    });
    if (stopped) void drain(body);
  } catch (error) {
    discard(body);
    broken = error;
  }
  if (answer) return { answer };
  const { lastEventId, retryMs } = cursor;
  const isFinal = broken instanceof UpstreamFailure || broken instanceof JsonTooRich;
  if (broken !== null && (lastEventId === null || isFinal)) throw broken;
  return { answer: null, cursor: lastEventId === null ? null : { lastEventId, retryMs }, words: '' };
}

/** The answer among messages that came together. `withoutId`: an error that names no request is meant for this one. */
function pick(messages: readonly Incoming[], reader: AnswerReader, withoutId: boolean): RpcAnswer | null {
  let answer: RpcAnswer | null = null;
  for (const incoming of messages) {
    if (incoming.kind === 'message') reader.onMessage(incoming.message);
    else if (answer !== null || !(readSentNumber(incoming.id) === reader.id || (incoming.id === null && withoutId)))
      logStrays([incoming], reader);
    else if (incoming.kind === 'malformed') {
      throw new UpstreamFailure('upstream_protocol', 'The server answered with something that is neither a result nor an error.');
    } else answer = incoming.answer;
  }
  return answer;
}

/** Logs answers that nobody waits for: a second one, or one to an unknown request. */
function logStrays(messages: readonly Incoming[], { id, log }: AnswerReader): true {
  for (const { kind } of messages)
    if (kind !== 'message') log.warn({ request: id }, 'a server sent an answer that nobody waits for');
  return true;
}

/** Reads on to the end that should follow at once, so that the connection can be used again; a server that does not end is cut off. */
async function drain(body: Readable): Promise<void> {
  const late = setTimeout(() => discard(body), DRAIN_MS).unref();
  try {
    for await (const _ of body);
  } catch {
    // the answer is already here; how its stream ends changes nothing
  } finally {
    clearTimeout(late);
  }
}
