import { normalizeMediaType, getResponseKind } from '@gatehouse/openapi/operation-body';
import { isJsonObject, isShallow, readJson, type JsonObject } from '@gatehouse/policy/documents/json';

import type { OutboundAnswer } from '../../outbound/outbound.ts';
import { decodeBody, describeWait, nameStatus, readBodyText, shortenWords } from '../server-words.ts';

/** levels of nesting up to which an answer is offered as structured content; a deeper one is text alone */
const MAX_DEPTH = 64;
const MAX_MEDIA_TYPE = 100;

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
  const said = `The API answered ${nameStatus(status)}.`;
  if (status >= 200 && status < 300) return readSuccess(answer, promised, said);
  const words = shortenWords(await readBodyText(answer));
  return buildErrorResult([said, describeMeaning(status), describeWait(answer)].filter((part) => part !== '').join(' '), words);
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
      const text = decodeBody(bytes, answer.headers['content-type'] ?? '');
      const value = readJson(text);
      return isJsonObject(value) && isShallow(value, MAX_DEPTH)
        ? { ...one(toText(text)), structuredContent: value }
        : one(toText(text));
    }
    case 'text':
      return one(toText(decodeBody(bytes, answer.headers['content-type'] ?? '')));
    case 'image':
      return one({ type: 'image', data: bytes.toString('base64'), mimeType: mediaType });
    case 'other': {
      const isNamed = mediaType.length <= MAX_MEDIA_TYPE && /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(mediaType);
      const type = isNamed ? mediaType : 'content of an unknown type';
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

function describeMeaning(status: number): string {
  if (status === 403) return 'The credential that the agent uses for this API does not permit this call.';
  return status >= 300 && status < 400 ? 'It points elsewhere, and a call is not repeated at another place.' : '';
}
