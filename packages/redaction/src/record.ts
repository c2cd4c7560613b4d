import type { KeyObject } from 'node:crypto';

import { fingerprint, isGuessable } from './fingerprint.ts';
import {
  MAX_LOGGED_LENGTH,
  MAX_SCANNED_LENGTH,
  redactMarked,
  type MarkedField,
  type MarkedFields,
  type Scalar,
} from './marked-fields.ts';
import { MAX_RECORDED, type FieldShape, type RecordedArguments, type RecordedResult } from './recorded.ts';
import type { Redactor } from './redact.ts';
import { isRecord } from './schema-fields.ts';
import { countJsonBytes, isExactNumber, walkFields, type Field } from './shape.ts';

export interface GatherInput {
  value: unknown;
  /** what `JSON.stringify` writes of the value, where that is known; it is not written again then */
  json?: string | undefined;
  /** JSON Schema that declares the fields; null: every key is undeclared */
  schema: unknown;
  /** JSON Pointers marked "log value"; '*' stands for every array item */
  marked: readonly string[];
  siteKey: KeyObject;
}

export interface RecordInput extends GatherInput {
  redactor: Redactor;
}

// What stands in a receipt has its members in the order of their names: that is the order in which it is written.

/** A record in which nothing is logged yet, and what has to be redacted before it may be. */
export interface Gathered<Recorded> {
  record: Recorded;
  marked: MarkedFields;
}

/** Fields that are looked at for a credential that lies across several; more than are recorded, which it could go on behind. */
const MOST_WALKED = 10_000;

/** Arguments as they may leave the site: shapes and fingerprints of all fields, redacted values of the marked ones. */
export function recordArguments(input: RecordInput): RecordedArguments {
  return finishGathered(gatherArguments(input), input.redactor);
}

/**
 * A tools/call result ({ content, structuredContent?, isError? }) as it may leave the site. `schema` is the output schema, and pointers
 * start at `structuredContent`.
 */
export function recordResult(input: RecordInput): RecordedResult {
  return finishGathered(gatherResult(input), input.redactor);
}

function finishGathered<Recorded extends RecordedArguments | RecordedResult>(
  { record, marked }: Gathered<Recorded>,
  redactor: Redactor,
): Recorded {
  return { ...record, logged: redactMarked(marked, redactor) };
}

/** As recordArguments, but for the values of marked fields, which are returned as they are. */
export function gatherArguments(input: GatherInput): Gathered<RecordedArguments> {
  const { fields, marked, truncated } = gatherFields(input);
  return { record: { bytes: countBytes(input), fields, logged: [], truncated }, marked };
}

/** As recordResult, but for the values of marked fields, which are returned as they are. */
export function gatherResult(input: GatherInput): Gathered<RecordedResult> {
  const result = isRecord(input.value) ? input.value : {};
  const content = Array.isArray(result.content) ? result.content : [];
  const structured = result.structuredContent === undefined ? null : gatherFields({ ...input, value: result.structuredContent });
  const record = {
    bytes: countBytes(input),
    content: content.slice(0, MAX_RECORDED.content).map(getContentShape),
    isError: result.isError === true,
    logged: [],
    structured: structured?.fields ?? [],
    truncated: content.length > MAX_RECORDED.content || (structured?.truncated ?? false),
  };
  return { record, marked: structured?.marked ?? { logged: [], further: [] } };
}

function countBytes({ value, json }: GatherInput): number {
  return json === undefined ? countJsonBytes(value) : Buffer.byteLength(json);
}

function gatherFields({ value, json, schema, marked, siteKey }: GatherInput) {
  const wanted = new Set(marked);
  // a text stands in JSON as it is where nothing is escaped
  const isPlain = json !== undefined && !json.includes('\\');
  const [fields, logged, further]: [FieldShape[], MarkedField[], MarkedField[]] = [[], [], []];
  let [walked, truncated] = [0, false];
  for (const field of walkFields(value, schema)) {
    walked += 1;
    if (walked > MOST_WALKED) break;
    const { pointer, type } = field.shape;
    // a receipt holds no number that a reader of it would change: such a one is logged as a text of its digits
    const value = isExactNumber(field.value) ? field.value.rawJSON : field.value;
    const isLogged = wanted.has(pointer) && isScalar(value) && type !== 'undeclared';
    truncated ||= fields.length === MAX_RECORDED.fields || (isLogged && logged.length === MAX_RECORDED.logged);
    if (!truncated) fields.push(addFingerprint(field, siteKey, isPlain));
    if (!isLogged || !isScalar(value)) continue;
    if (!truncated) logged.push({ pointer, value: shortenUnscanned(value) });
    else if (String(value).length <= MAX_LOGGED_LENGTH) further.push({ pointer, value });
  }
  return { fields, marked: { logged, further }, truncated };
}

/** Of a text that is dropped for its length nothing but that it is too long has to be known. */
function shortenUnscanned(value: Scalar): Scalar {
  return typeof value === 'string' ? value.slice(0, MAX_SCANNED_LENGTH + 1) : value;
}

function addFingerprint({ shape, value, enumerated }: Field, siteKey: KeyObject, isPlain: boolean): FieldShape {
  const named = shape.type === 'undeclared';
  const hidden = !named && (shape.type === 'object' || shape.type === 'array' || enumerated || isGuessable(value));
  return hidden ? shape : { fingerprint: fingerprint(siteKey, shape.pointer, value, isPlain), ...shape };
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

const CONTENT_TYPES = new Set(['text', 'image', 'audio', 'resource', 'resource_link']);
/** A type outside this list is not recorded: an upstream could write anything there. */
const MIME_TYPES = new Set(
  (
    'text/plain text/html text/markdown text/csv text/xml application/json application/xml application/pdf application/zip ' +
    'application/octet-stream application/yaml image/png image/jpeg image/gif image/webp image/svg+xml audio/mpeg audio/wav audio/ogg video/mp4'
  ).split(' '),
);

function getContentShape(item: unknown): RecordedResult['content'][number] {
  const block = isRecord(item) ? item : {};
  const inner = isRecord(block.resource) ? block.resource : block;
  const body = [inner.text, inner.data, inner.blob, inner.uri].find((value) => typeof value === 'string') ?? '';
  const type = typeof block.type === 'string' && CONTENT_TYPES.has(block.type) ? block.type : 'other';
  const mimeType = typeof inner.mimeType === 'string' ? inner.mimeType.toLowerCase().split(';', 1)[0] : undefined;
  return { ...(mimeType && MIME_TYPES.has(mimeType) ? { mimeType } : {}), size: body.length, type };
}
