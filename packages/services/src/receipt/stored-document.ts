import { type LoggedField, Receipt } from '@gatehouse/protocol/receipt';
import { createRedactor } from '@gatehouse/redaction/redact';

import { isStorable, storableText } from '../storable.ts';

// The agent has redacted with the secrets it holds; this second pass knows none and goes by patterns.
const redactor = createRedactor({ secrets: [] });

/** Above this size a receipt keeps its logged values and counts but not the shape of every field, bytes of JSON. */
const MAX_DOCUMENT_BYTES = 64 * 1024;
const MAX_VALUE_LENGTH = 1_000;

/** The receipt as it is kept: logged values redacted once more, bounded, and text that the database can hold. */
export function storedDocument(receipt: Receipt): Receipt {
  const redacted: Receipt = {
    ...receipt,
    arguments: receipt.arguments && { ...receipt.arguments, logged: receipt.arguments.logged.map(redactField) },
    result: receipt.result && { ...receipt.result, logged: receipt.result.logged.map(redactField) },
  };
  const bounded = Buffer.byteLength(JSON.stringify(redacted)) > MAX_DOCUMENT_BYTES ? withoutShapes(redacted) : redacted;
  return isStorable(bounded) ? bounded : repaired(bounded);
}

function redactField(field: LoggedField): LoggedField {
  if (typeof field.value !== 'string' && typeof field.value !== 'number') return field;
  const text = String(field.value);
  const redacted = redactor.redact(text).text;
  return redacted === text ? field : { ...field, value: redacted.slice(0, MAX_VALUE_LENGTH), redacted: true };
}

function withoutShapes(receipt: Receipt): Receipt {
  return {
    ...receipt,
    arguments: receipt.arguments && { ...receipt.arguments, fields: [], truncated: true },
    result: receipt.result && { ...receipt.result, structured: [], truncated: true },
  };
}

function repaired(receipt: Receipt): Receipt {
  const text = JSON.stringify(receipt);
  return Receipt.parse(JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? storableText(value) : value)));
}
