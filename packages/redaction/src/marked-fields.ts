import { isSecretName } from './detectors/key-names.ts';
import type { LoggedField } from './recorded.ts';
import { REDACTION_ERROR, type Redactor } from './redact.ts';

// Imports no schemas: what an agent redacts in another thread is this file and the detectors.

/** Most characters of a logged value. */
export const MAX_LOGGED_LENGTH = 1_000;
/** Longer text is dropped, not cut: a cut could fall inside a secret and leave half of it unrecognised. */
export const MAX_SCANNED_LENGTH = 65_536;

export type Scalar = string | number | boolean | null;

/** A marked field as it came. */
export interface MarkedField {
  pointer: string;
  value: Scalar;
}

/** The marked fields of arguments or of a result, before redaction: plain data, which can go to another thread and never leaves the process. */
export interface MarkedFields {
  /** those that a record holds */
  logged: MarkedField[];
  /** further ones, in which a credential of the first could go on */
  further: MarkedField[];
}

/** What stands in the place of every value that was not redacted: too much waited for it, it took too long, or it failed. */
export const DROPPED = { busy: '[redacted:busy]', slow: '[redacted:slow]', failed: REDACTION_ERROR } as const;
export type Dropped = keyof typeof DROPPED;

/** Characters that have to be looked at, about: a text that is dropped for its length is not. */
export function measureMarked({ logged, further }: MarkedFields): number {
  let size = 0;
  for (const fields of [logged, further]) {
    for (const { value } of fields)
      size += typeof value === 'string' && value.length <= MAX_SCANNED_LENGTH ? value.length : SCALAR_LENGTH;
  }
  return size;
}
const SCALAR_LENGTH = 8;

/** The fields as they may be written down. Never throws: a value that cannot be redacted is dropped. */
export function redactMarked({ logged, further }: MarkedFields, redactor: Redactor): LoggedField[] {
  const clean = logged.map(({ pointer, value }) => logField(pointer, value, redactor));
  return hideAcross(clean, further, redactor);
}

/** The fields without their values, where redaction was not possible. */
export function dropMarked({ logged }: MarkedFields, why: Dropped): LoggedField[] {
  return logged.map(({ pointer }) => ({ pointer, redacted: true, value: DROPPED[why] }));
}

/**
 * A credential may lie across the items of a list: as bytes, or a letter in each, also with other fields in between, and go on in what is not
 * logged any more. Then none of the values is kept.
 */
function hideAcross(logged: LoggedField[], further: readonly MarkedField[], redactor: Redactor): LoggedField[] {
  if (logged.length + further.length < 2) return logged;
  const all = [...logged, ...further];
  const byPointer = Map.groupBy(all, ({ pointer }) => pointer);
  const groups = [all, ...(byPointer.size > 1 ? byPointer.values() : [])].filter(({ length }) => length > 1);
  const texts = groups.flatMap((group) => [',', ''].map((between) => group.map(({ value }) => value).join(between)));
  if (!texts.some((text) => redactOrDrop(text, redactor).rules.includes('credential'))) return logged;
  return logged.map(({ pointer }) => ({ pointer, redacted: true, value: '[redacted:credential]' }));
}

function logField(pointer: string, value: Scalar, redactor: Redactor): LoggedField {
  if (typeof value === 'boolean' || value === null) return { pointer, redacted: false, value };
  if (pointer.split('/').some(isSecretName)) return { pointer, redacted: true, value: '[redacted:key-name]' };
  // Neither a NUL nor half a surrogate pair can be stored or compared.
  const text = String(value).toWellFormed().replaceAll('\0', '\uFFFD');
  if (text.length > MAX_SCANNED_LENGTH) return { pointer, redacted: true, value: '[redacted:too-long]' };
  const { text: kept, rules } = redactOrDrop(text, redactor);
  if (!rules.length && typeof value === 'number' && Number.isFinite(value)) return { pointer, redacted: false, value };
  const cut = kept.length > MAX_LOGGED_LENGTH ? `${kept.slice(0, MAX_LOGGED_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : kept;
  return { pointer, redacted: rules.length > 0, value: cut };
}

function redactOrDrop(text: string, redactor: Redactor): { text: string; rules: string[] } {
  try {
    return redactor.redact(text);
  } catch {
    return { text: REDACTION_ERROR, rules: ['error'] };
  }
}
