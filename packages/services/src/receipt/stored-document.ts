import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { isJsonObject } from '@gatehouse/policy/documents/json';
import { readReceipt, type Receipt, WrittenReceipt } from '@gatehouse/protocol/receipt';
import type { LoggedField } from '@gatehouse/redaction/recorded';

import { redactText } from '../redact-text.ts';
import { isStorable, toStorableText } from '../storable.ts';

/** Above this size a receipt keeps its logged values and counts but not the shape of every field, bytes of JSON. */
const MAX_DOCUMENT_BYTES = 64 * 1024;
const MAX_VALUE_LENGTH = 1_000;

/** Longest name in the columns that are searched, characters: an index entry holds no whole address. The document has it. */
const MAX_INDEXED_NAME = 512;

/** A name as the searched columns hold it. */
export function toIndexedName(name: string): string {
  return name.slice(0, MAX_INDEXED_NAME).toWellFormed();
}

/** What a kept document says, in the present form. The first ones were of tools alone and do not say their method. */
export function readDocument(document: unknown): Receipt {
  return readReceipt(WrittenReceipt.parse(isJsonObject(document) ? { method: 'tools/call', ...document } : document));
}

/** True when a kept document has the hash that its agent gave it. */
export function isUnaltered(document: unknown, hash: string): boolean {
  if (!isJsonObject(document)) return false;
  const { hash: _hash, ...sealed } = document;
  return hashContent(sealed) === hash;
}

/** The receipt as it is kept: logged values and what a client says of itself redacted once more, bounded, and text that the database can hold. */
export function toStoredDocument(receipt: WrittenReceipt): WrittenReceipt {
  const redacted: WrittenReceipt = {
    ...receipt,
    clientName: receipt.clientName && redactPart(receipt.clientName, 120),
    clientVersion: receipt.clientVersion && redactPart(receipt.clientVersion, 60),
    protocolVersion: receipt.protocolVersion && redactPart(receipt.protocolVersion, 20),
    arguments: receipt.arguments && { ...receipt.arguments, logged: receipt.arguments.logged.map(redactField) },
    result: receipt.result && {
      ...receipt.result,
      content: receipt.result.content.map(redactContent),
      logged: receipt.result.logged.map(redactField),
    },
  };
  const bounded = Buffer.byteLength(JSON.stringify(redacted)) > MAX_DOCUMENT_BYTES ? withoutShapes(redacted) : redacted;
  return isStorable(bounded) ? bounded : toStorableReceipt(bounded);
}

function redactField(field: LoggedField): LoggedField {
  if (typeof field.value !== 'string' && typeof field.value !== 'number') return field;
  const text = toStorableText(String(field.value));
  const redacted = redactText(text);
  return redacted === text ? field : { ...field, value: redacted.slice(0, MAX_VALUE_LENGTH), redacted: true };
}

function redactContent<C extends { type: string; mimeType?: string | undefined }>(content: C): C {
  const { type, mimeType } = content;
  return { ...content, type: redactPart(type, 32), ...(mimeType && { mimeType: redactPart(mimeType, 128) }) };
}

/** Within the length of its field. */
function redactPart(text: string, length: number): string {
  return redactText(text).slice(0, length);
}

function withoutShapes(receipt: WrittenReceipt): WrittenReceipt {
  return {
    ...receipt,
    arguments: receipt.arguments && { ...receipt.arguments, fields: [], truncated: true },
    result: receipt.result && { ...receipt.result, structured: [], truncated: true },
  };
}

function toStorableReceipt(receipt: WrittenReceipt): WrittenReceipt {
  const text = JSON.stringify(receipt);
  return WrittenReceipt.parse(
    JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? toStorableText(value) : value)),
  );
}
