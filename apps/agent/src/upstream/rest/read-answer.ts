import { STATUS_CODES } from 'node:http';

import { normalizeMediaType, getResponseKind } from '@gatehouse/openapi/operation-body';
import { isJsonObject, isShallow, readJson, type JsonObject } from '@gatehouse/policy/documents/json';

import type { OutboundAnswer } from '../../outbound/outbound.ts';

/** levels of nesting up to which an answer is offered as structured content; a deeper one is text alone */
const MAX_DEPTH = 64;
/** characters of an error's own text that are passed on */
const MAX_ERROR_TEXT = 4_000;

/** What an answer of the API is for the AI client: a `CallToolResult`. */
export interface RestResult extends JsonObject {
  content: JsonObject[];
  structuredContent?: JsonObject;
  isError?: true;
}

/** A result of one text. */
export function buildErrorResult(...texts: string[]): RestResult {
  return { resultType: 'complete', content: texts.filter((text) => text !== '').map(toText), isError: true };
}

/**
 * Reads an answer to its end. `promised`: the tool declares an output schema, so its successes must hold an object. Rejects with
 * ResponseTooLarge, and with what the connection fails with.
 */
export async function readAnswer(answer: OutboundAnswer, promised: boolean): Promise<RestResult> {
  const { status } = answer;
  const said = `The API answered HTTP ${status}${STATUS_CODES[status] ? ` (${STATUS_CODES[status]})` : ''}.`;
  if (status === 403) {
    await answer.body.dump();
    return buildErrorResult(`${said} The credential that the agent uses for this API does not permit this call.`);
  }
  if (status >= 200 && status < 300) return readSuccess(answer, promised, said);
  const bytes = await readBytes(answer);
  const kind = getResponseKind(normalizeMediaType(answer.headers['content-type'] ?? ''));
  const text = kind === 'json' || kind === 'text' ? decodeBody(bytes, answer) : '';
  const shown = text.length <= MAX_ERROR_TEXT ? text : `${text.slice(0, MAX_ERROR_TEXT).toWellFormed()}…`;
  return buildErrorResult([said, describeRedirect(status), describeWait(answer)].filter((part) => part !== '').join(' '), shown);
}

async function readSuccess(answer: OutboundAnswer, promised: boolean, said: string): Promise<RestResult> {
  const mediaType = normalizeMediaType(answer.headers['content-type'] ?? '');
  const bytes = await readBytes(answer);
  const result = buildContent(answer, mediaType, bytes, said);
  if (!promised || result.structuredContent) return result;
  return buildErrorResult(`${said} It did not answer with the object that its description promises.`, ...pickTexts(result));
}

function buildContent(answer: OutboundAnswer, mediaType: string, bytes: Buffer, said: string): RestResult {
  const one = (content: JsonObject): RestResult => ({ resultType: 'complete', content: [content] });
  if (bytes.length === 0) return one(toText(`${said} There is no content.`));
  switch (getResponseKind(mediaType)) {
    case 'json': {
      const text = decodeBody(bytes, answer);
      const value = readJson(text);
      return isJsonObject(value) && isShallow(value, MAX_DEPTH)
        ? { ...one(toText(text)), structuredContent: value }
        : one(toText(text));
    }
    case 'text':
      return one(toText(decodeBody(bytes, answer)));
    case 'image':
      return one({ type: 'image', data: bytes.toString('base64'), mimeType: mediaType });
    case 'other': {
      const type = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(mediaType)
        ? mediaType.slice(0, 100)
        : 'content of an unknown type';
      return one(toText(`${said} It sent ${type}, ${bytes.length} bytes, which cannot be shown.`));
    }
  }
}

async function readBytes(answer: OutboundAnswer): Promise<Buffer> {
  return Buffer.from(await answer.body.arrayBuffer());
}

function pickTexts({ content }: RestResult): string[] {
  return content.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
}

function toText(text: string): JsonObject {
  return { type: 'text', text };
}

/** In the charset that the answer names, else UTF-8. */
function decodeBody(bytes: Buffer, answer: OutboundAnswer): string {
  const label = /charset="?([\w-]{1,40})/i.exec(answer.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function describeRedirect(status: number): string {
  return status >= 300 && status < 400 ? 'It points elsewhere, and a call is not repeated at another place.' : '';
}

/** How long the API asks to wait (RFC 9110 §10.2.3). Nothing is tried again here: the caller decides. */
function describeWait({ headers }: OutboundAnswer): string {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return `It asks to wait ${value} seconds before the next call.`;
  const time = Date.parse(value);
  return Number.isNaN(time) ? '' : `It asks to wait until ${new Date(time).toISOString()} before the next call.`;
}
