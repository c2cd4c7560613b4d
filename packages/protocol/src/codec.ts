import type { z } from 'zod';

import { ReadableAgentMessage } from './earlier-discovery-result.ts';
import { PROTOCOL_VERSION } from './features.ts';
import { isDeeperThan } from './json-depth.ts';
import {
  type AgentMessage,
  HubMessage,
  MAX_AGENT_FRAME_BYTES,
  MAX_FRAME_BYTES,
  type Rejected,
  type SentByAgent,
} from './messages.ts';
import { TEXT_LIMITS } from './text-limits.ts';

/** Deepest nesting of arrays and objects in a frame. */
export const MAX_DEPTH = 64;

/** One websocket message as the `ws` package delivers it with its default binary type. */
export interface Frame {
  data: Uint8Array;
  isBinary: boolean;
}

/** A message, or the answer that its sender is given. */
export type Decoded<M> = { ok: true; message: M } | { ok: false; answer: Rejected };

/** Reads what an agent sent to the hub. Never throws. */
export function decodeAgentFrame(frame: Frame): Decoded<AgentMessage> {
  return decode(frame, ReadableAgentMessage, MAX_AGENT_FRAME_BYTES);
}

/** Reads what the hub sent to an agent. Never throws. */
export function decodeHubFrame(frame: Frame): Decoded<HubMessage> {
  return decode(frame, HubMessage, MAX_FRAME_BYTES);
}

/** The bytes of a websocket message in one piece, from any form in which the `ws` package may hand them over. */
export function joinBytes(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** The text frame of a message. */
export function encode(message: HubMessage | SentByAgent): string {
  return JSON.stringify(message);
}

/** The answer to a message that is not accepted. `of` is the message's type where it could be read. */
export function buildRejection(of: string | null, code: Rejected['code'], message: string): Rejected {
  return {
    type: 'rejected',
    of: of?.slice(0, TEXT_LIMITS.rejectedType) ?? null,
    code,
    message: message.slice(0, TEXT_LIMITS.rejection),
  };
}

function decode<M>({ data, isBinary }: Frame, schema: z.ZodType<M>, maxBytes: number): Decoded<M> {
  if (data.byteLength > maxBytes) return refuse(null, 'too_large', `A frame holds at most ${maxBytes} bytes.`);
  if (isBinary) return refuse(null, 'malformed', 'A message is one text frame.');
  const value = parse(data);
  if (value === undefined) return refuse(null, 'malformed', `A message is UTF-8 JSON, nested at most ${MAX_DEPTH} deep.`);

  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  return refuse(
    readMessageType(value),
    'malformed',
    `Not a message of protocol ${PROTOCOL_VERSION}${where}: ${issue?.message ?? 'unknown form'}`,
  );
}

/**
 * Undefined when the bytes are not UTF-8, not JSON, or nested too deep. Of a key that stands twice the last one counts: nobody else reads a frame, and what is signed or
 * hashed in it is bytes or is hashed as it was read. Every number in our messages is one that a double keeps; digits of others are texts.
 */
function parse(data: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
    if (isDeeperThan(text, MAX_DEPTH)) return undefined;
    return /__proto__|\\u00/i.test(text) ? JSON.parse(text, refusePrototypeKey) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whoever copies an object loses this key or takes it for a prototype, so that what is read would not be what was sent. */
function refusePrototypeKey(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('An object has the key "__proto__".');
  return value;
}

function readMessageType(value: unknown): string | null {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' ? value.type : null;
}

function refuse(...answer: Parameters<typeof buildRejection>): { ok: false; answer: Rejected } {
  return { ok: false, answer: buildRejection(...answer) };
}
