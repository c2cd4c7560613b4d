import { STATUS_CODES } from 'node:http';

import { getResponseKind, normalizeMediaType } from '@gatehouse/openapi/media-type';

import type { OutboundAnswer } from '../outbound/outbound.ts';
import { toStatusFailure, type UpstreamFailure } from './failure.ts';

/** characters of a server's own text that are passed on */
const MAX_WORDS = 4_000;

/** `HTTP 429 (Too Many Requests)` */
export function nameStatus(status: number): string {
  const reason = STATUS_CODES[status];
  return reason === undefined ? `HTTP ${status}` : `HTTP ${status} (${reason})`;
}

/** How long a server asks to wait (RFC 9110 §10.2.3), in a sentence; '' when it does not. Nothing is tried again here: the caller decides. */
export function describeWait({ headers }: Pick<OutboundAnswer, 'headers'>): string {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return `It asks to wait ${value} seconds before the next call.`;
  const time = Date.parse(value);
  return Number.isNaN(time) ? '' : `It asks to wait until ${new Date(time).toISOString()} before the next call.`;
}

/** An answer of which nothing but its status and its words counts, as a failure. It is read to its end. */
export async function readStatusFailure(answer: OutboundAnswer): Promise<UpstreamFailure> {
  return describeRefusal(answer, await readBodyText(answer));
}

export function describeRefusal(answer: OutboundAnswer, text: string): UpstreamFailure {
  return toStatusFailure(answer.status, { wait: describeWait(answer), words: shortenWords(text) });
}

/** Reads an answer to its end. '' for what is no text. Rejects with ResponseTooLarge, and with what the connection fails with. */
export async function readBodyText(answer: OutboundAnswer): Promise<string> {
  const type = answer.headers['content-type'] ?? '';
  const mediaType = normalizeMediaType(type);
  const kind = getResponseKind(mediaType);
  // an event stream may stay open for as long as it likes
  if (mediaType === 'text/event-stream' || (kind !== 'json' && kind !== 'text' && mediaType !== '')) {
    await answer.body.dump();
    return '';
  }
  return decodeBody(await answer.body.readBytes(), type);
}

/** A text of a server, no longer than is passed on. */
export function shortenWords(text: string): string {
  const trimmed = text.trim();
  return trimmed.length <= MAX_WORDS ? trimmed : `${trimmed.slice(0, MAX_WORDS).toWellFormed()}…`;
}

/** In the charset that the media type names, else UTF-8. */
export function decodeBody(bytes: Buffer, type: string): string {
  const label = /charset="?([\w-]{1,40})/i.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
