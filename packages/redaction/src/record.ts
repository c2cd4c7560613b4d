import type { KeyObject } from 'node:crypto';

import { isSecretName } from './detectors/key-names.ts';
import { fingerprint, isGuessable } from './fingerprint.ts';
import {
  MAX_LOGGED_LENGTH,
  MAX_RECORDED,
  type FieldShape,
  type LoggedField,
  type RecordedArguments,
  type RecordedResult,
} from './recorded.ts';
import { REDACTION_ERROR, type Redactor } from './redact.ts';
import { isRecord } from './schema-fields.ts';
import { isExactNumber, walkFields, type Field } from './shape.ts';

export interface RecordInput {
  value: unknown;
  /** JSON Schema that declares the fields; null: every key is undeclared */
  schema: unknown;
  /** JSON Pointers marked "log value"; '*' stands for every array item */
  marked: readonly string[];
  siteKey: KeyObject;
  redactor: Redactor;
}

/** Longer text is dropped, not cut: a cut could fall inside a secret and leave half of it unrecognised. */
const MAX_SCANNED_LENGTH = 65_536;
/** Fields that are looked at for a credential that lies across several; more than are recorded, which it could go on behind. */
const MOST_WALKED = 10_000;

/** Arguments as they may leave the site: shapes and fingerprints of all fields, redacted values of the marked ones. */
export function recordArguments(input: RecordInput): RecordedArguments {
  const { fields, logged, truncated } = recordFields(input);
  return { fields, logged, bytes: getByteLength(input.value), truncated };
}

/**
 * A tools/call result ({ content, structuredContent?, isError? }) as it may leave the site. `schema` is the output schema, and pointers
 * start at `structuredContent`.
 */
export function recordResult(input: RecordInput): RecordedResult {
  const result = isRecord(input.value) ? input.value : {};
  const content = Array.isArray(result.content) ? result.content : [];
  const structured = result.structuredContent === undefined ? null : recordFields({ ...input, value: result.structuredContent });
  return {
    isError: result.isError === true,
    content: content.slice(0, MAX_RECORDED.content).map(getContentShape),
    structured: structured?.fields ?? [],
    logged: structured?.logged ?? [],
    bytes: getByteLength(input.value),
    truncated: content.length > MAX_RECORDED.content || (structured?.truncated ?? false),
  };
}

function recordFields({ value, schema, marked, siteKey, redactor }: RecordInput): Omit<RecordedArguments, 'bytes'> {
  const wanted = new Set(marked);
  const [fields, logged, further]: [FieldShape[], LoggedField[], LoggedField[]] = [[], [], []];
  let [walked, truncated] = [0, false];
  for (const field of walkFields(value, schema)) {
    walked += 1;
    if (walked > MOST_WALKED) break;
    // a receipt holds no number that a reader of it would change: such a one is logged as a text of its digits
    const logValue = isExactNumber(field.value) ? field.value.rawJSON : field.value;
    const isLogged = wanted.has(field.shape.pointer) && isScalar(logValue) && field.shape.type !== 'undeclared';
    truncated ||= fields.length === MAX_RECORDED.fields || (isLogged && logged.length === MAX_RECORDED.logged);
    if (!truncated) fields.push(addFingerprint(field, siteKey));
    if (!isLogged || !isScalar(logValue)) continue;
    if (!truncated) logged.push(logField(field.shape.pointer, logValue, redactor));
    else if (String(logValue).length <= MAX_LOGGED_LENGTH)
      further.push({ pointer: field.shape.pointer, value: logValue, redacted: false });
  }
  return { fields, logged: hideAcross(logged, further, redactor), truncated };
}

/**
 * A credential may lie across the items of a list: as bytes, or a letter in each, also with other fields in between, and go on in what is not
 * logged any more. Then none of the values is kept.
 */
function hideAcross(logged: LoggedField[], further: readonly LoggedField[], redactor: Redactor): LoggedField[] {
  const all = [...logged, ...further];
  const byPointer = Map.groupBy(all, ({ pointer }) => pointer);
  const groups = [all, ...(byPointer.size > 1 ? byPointer.values() : [])].filter(({ length }) => length > 1);
  const texts = groups.flatMap((group) => [',', ''].map((between) => group.map(({ value }) => value).join(between)));
  if (!texts.some((text) => redactOrDrop(text, redactor).rules.includes('credential'))) return logged;
  return logged.map(({ pointer }) => ({ pointer, value: '[redacted:credential]', redacted: true }));
}

function addFingerprint({ shape, value, enumerated }: Field, siteKey: KeyObject): FieldShape {
  const named = shape.type === 'undeclared';
  const hidden = !named && (shape.type === 'object' || shape.type === 'array' || enumerated || isGuessable(value));
  return hidden ? shape : { ...shape, fingerprint: fingerprint(siteKey, shape.pointer, value) };
}

type Scalar = string | number | boolean | null;

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function logField(pointer: string, value: Scalar, redactor: Redactor): LoggedField {
  if (typeof value === 'boolean' || value === null) return { pointer, value, redacted: false };
  if (pointer.split('/').some(isSecretName)) return { pointer, value: '[redacted:key-name]', redacted: true };
  // Neither a NUL nor half a surrogate pair can be stored or compared.
  const text = String(value).toWellFormed().replaceAll('\0', '\uFFFD');
  if (text.length > MAX_SCANNED_LENGTH) return { pointer, value: '[redacted:too-long]', redacted: true };
  const { text: kept, rules } = redactOrDrop(text, redactor);
  if (!rules.length && typeof value === 'number' && Number.isFinite(value)) return { pointer, value, redacted: false };
  const cut = kept.length > MAX_LOGGED_LENGTH ? `${kept.slice(0, MAX_LOGGED_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : kept;
  return { pointer, value: cut, redacted: rules.length > 0 };
}

function redactOrDrop(text: string, redactor: Redactor): { text: string; rules: string[] } {
  try {
    return redactor.redact(text);
  } catch {
    return { text: REDACTION_ERROR, rules: ['error'] };
  }
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
  return { type, size: body.length, ...(mimeType && MIME_TYPES.has(mimeType) ? { mimeType } : {}) };
}

function getByteLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
