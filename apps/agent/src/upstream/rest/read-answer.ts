import { isUtf8 } from 'node:buffer';

import { normalizeMediaType, getResponseKind } from '@gatehouse/openapi/media-type';
import { isJsonObject, readJson, type JsonObject } from '@gatehouse/policy/documents/json';

import type { OutboundAnswer } from '../../outbound/outbound.ts';
import { hasManyContainers, JsonTooRich } from '../../wire/json-bounds.ts';
import { type ReadJson, readJsonText, rememberText } from '../../wire/json-text.ts';
import { decodeBody, describeWait, nameStatus, readBodyText, shortenWords } from '../server-words.ts';

const MAX_MEDIA_TYPE = 100;
const MAX_LOCATION = 2_000;
/** of an image, a sound or a file, before base64 */
const MAX_BINARY_BYTES = 4 * 1024 * 1024;
/** control characters that are no white space: no text holds them */
const CONTROLS = /[^\P{Cc}\s]/u;

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
 * Reads an answer to its end. A success stays one, whatever it holds: by then the API has done what was asked, and what its description says of
 * the answer is nobody's promise but its own. `waitForReader` is that of the body. Rejects with ResponseTooLarge, and with what the connection fails with.
 */
export async function readAnswer(answer: OutboundAnswer, waitForReader?: () => Promise<void> | null): Promise<RestResult> {
  const { status } = answer;
  const said = `The API answered ${nameStatus(status)}.`;
  if (status >= 200 && status < 300) return buildContent(answer, await answer.body.readBytes(waitForReader), said);
  const words = shortenWords(await readBodyText(answer));
  return buildErrorResult([said, describeMeaning(status), describeWait(answer)].filter((part) => part !== '').join(' '), words);
}

function buildContent({ headers }: OutboundAnswer, bytes: Buffer, said: string): RestResult {
  if (bytes.length === 0) return buildResult(toText([said, 'There is no content.', ...describePlace(headers)].join(' ')));
  const type = headers['content-type'] ?? '';
  const mediaType = normalizeMediaType(type);
  switch (getResponseKind(mediaType)) {
    case 'json':
      return buildJsonResult(decodeBody(bytes, type));
    case 'text':
      return buildResult(toText(decodeBody(bytes, type)));
    case 'image':
      return buildResult(buildBinary(said, bytes, mediaType, (data) => ({ type: 'image', data, mimeType: mediaType })));
    case 'audio':
      return buildResult(buildBinary(said, bytes, mediaType, (data) => ({ type: 'audio', data, mimeType: mediaType })));
    case 'other': {
      if (NOT_SAID.has(mediaType)) {
        const text = readUtf8(bytes);
        if (text !== null && isJsonText(text)) return buildJsonResult(text);
        if (text !== null && mediaType === '') return buildResult(toText(text));
      }
      const mimeType = isMediaType(mediaType) ? mediaType : 'application/octet-stream';
      const uri = `api-answer:/${encodeURIComponent(readFileName(headers))}`;
      return buildResult(buildBinary(said, bytes, mimeType, (blob) => ({ type: 'resource', resource: { uri, mimeType, blob } })));
    }
  }
}

/** The text as it came, and the object that it is. JSON of any other kind is its text alone, and an object with more than is read says why it is. */
function buildJsonResult(text: string): RestResult {
  const result = buildResult(toText(text));
  let read: ReadJson | null;
  try {
    read = readJsonText(text);
  } catch (error) {
    if (!(error instanceof JsonTooRich)) throw error;
    const isObject = text.trimStart().startsWith('{');
    return isObject
      ? { ...result, content: [...result.content, toText(`There is no structured content. ${error.message}`)] }
      : result;
  }
  if (!read || !isJsonObject(read.value)) return result;
  rememberText(read);
  return { ...result, structuredContent: read.value };
}

/** What cannot be text goes to the client as base64, up to a size that it can be expected to hold; beyond it, its kind and size. */
function buildBinary(said: string, bytes: Buffer, mimeType: string, wrap: (data: string) => JsonObject): JsonObject {
  if (bytes.length <= MAX_BINARY_BYTES) return wrap(bytes.toString('base64'));
  const most = MAX_BINARY_BYTES.toLocaleString('en');
  return toText(
    `${said} It sent ${mimeType}, ${bytes.length.toLocaleString('en')} bytes; at most ${most} bytes of such content are passed on.`,
  );
}

function buildResult(content: JsonObject): RestResult {
  return { resultType: 'complete', content: [content] };
}

/** Media types that say nothing about what is sent. */
const NOT_SAID: ReadonlySet<string> = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

function isJsonText(text: string): boolean {
  return /^\s*[{[]/.test(text) && (hasManyContainers(text) || readJson(text) !== undefined);
}

/** Null for what is no text: no UTF-8, or with control characters that no text has. */
function readUtf8(bytes: Buffer): string | null {
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString('utf8');
  return CONTROLS.test(text) ? null : text;
}

function isMediaType(mediaType: string): boolean {
  return mediaType.length <= MAX_MEDIA_TYPE && /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(mediaType);
}

/** The name that the API gives to what it sends (RFC 6266), without a path; `content` when it gives none. */
function readFileName(headers: OutboundAnswer['headers']): string {
  const name = /;\s*filename="?([^";]{1,200})/i.exec(headers['content-disposition'] ?? '')?.[1] ?? '';
  return name.split(/[/\\]/).at(-1)?.trim().toWellFormed() || 'content';
}

/** Where to look for what was made, when that is all that an API says. */
function describePlace(headers: OutboundAnswer['headers']): string[] {
  const location = headers['location'] ?? '';
  return location !== '' && location.length <= MAX_LOCATION ? [`Location: ${location}`] : [];
}

function toText(text: string): JsonObject {
  return { type: 'text', text };
}

function describeMeaning(status: number): string {
  if (status === 403) return 'The credential that the agent uses for this API does not permit this call.';
  return status >= 300 && status < 400 ? 'It points elsewhere, and a call is not repeated at another place.' : '';
}
