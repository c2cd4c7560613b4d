import { MAX_POINTER_DEPTH, MAX_POINTER_KEY, type FieldShape } from './recorded.ts';
import { isEnumerated, getItemPlace, findPropertyPlace, getSchemaRoot, type SchemaPlace } from './schema-fields.ts';

declare global {
  // not in the library of types yet
  interface JSON {
    rawJSON?(text: string): { readonly rawJSON: string };
    isRawJSON?(value: unknown): boolean;
  }
}

/** True for a number as its digits, which `JSON.rawJSON` made because no double keeps it; `JSON.stringify` writes it. */
export function isExactNumber(value: unknown): value is { readonly rawJSON: string } {
  return typeof value === 'object' && value !== null && JSON.isRawJSON?.(value) === true;
}

/** One field of a walked value. `value` is its value, or the name of an undeclared key, and never leaves the process. */
export interface Field {
  shape: FieldShape;
  value: unknown;
  /** the schema lists the values allowed here */
  enumerated: boolean;
}

/**
 * Walks a JSON value beside its schema and gives every declared field in document order. A key that the schema does not name is given as
 * `undeclared` at its parent's pointer, and what lies below it is not walked: the caller may have written anything there.
 */
export function* walkFields(value: unknown, schema: unknown): Generator<Field, void> {
  yield* walk(value, getSchemaRoot(schema), '', 0);
}

function* walk(value: unknown, place: SchemaPlace, pointer: string, depth: number): Generator<Field, void> {
  const shape = getShape(value, pointer);
  // An object at the root is described by its keys alone.
  if (shape.type !== 'object' || pointer !== '') yield { shape, value, enumerated: isEnumerated(place) };
  if (typeof value !== 'object' || value === null || shape.type === 'number') return;
  if (Array.isArray(value)) {
    if (depth === MAX_POINTER_DEPTH) return;
    for (const [index, item] of value.entries()) yield* walk(item, getItemPlace(place, index), `${pointer}/*`, depth + 1);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const childPlace = isAddressable(key) && depth < MAX_POINTER_DEPTH ? findPropertyPlace(place, key) : null;
    if (childPlace) yield* walk(child, childPlace, `${pointer}/${escapeKey(key)}`, depth + 1);
    else yield { shape: { pointer, type: 'undeclared' }, value: key, enumerated: false };
  }
}

function getShape(value: unknown, pointer: string): FieldShape {
  if (value === null || value === undefined) return { pointer, type: 'null' };
  if (Array.isArray(value)) return { pointer, size: value.length, type: 'array' };
  switch (typeof value) {
    case 'string':
      return { pointer, size: value.length, type: 'string' };
    case 'number':
    case 'bigint':
      return { pointer, type: 'number' };
    case 'boolean':
      return { pointer, type: 'boolean' };
    case 'object':
      if (isExactNumber(value)) return { pointer, type: 'number' };
      return { pointer, size: Object.keys(value).length, type: 'object' };
    default:
      throw new TypeError('Not a JSON value');
  }
}

/** True when a pointer can name the key: `*` would stand for every array item. */
export function isAddressable(key: string): boolean {
  return key !== '' && key !== '*' && escapeKey(key).length <= MAX_POINTER_KEY;
}

/** A key as it stands in a JSON Pointer. */
export function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Whether a text stands in JSON as it is, between quotes. Of a few that do, with control characters that JSON does not escape, it says that they do not. */
export function isPlainText(text: string): boolean {
  return !text.includes('"') && !text.includes('\\') && text.isWellFormed() && !CONTROL.test(text);
}

const CONTROL = /\p{Cc}/u;

/** Bytes of the JSON of a value, as `JSON.stringify` writes it. Long texts near its top, as most long values have, are counted where they are. */
export function countJsonBytes(value: unknown): number {
  let long = 0;
  const shorten = (_key: string, item: unknown): unknown => {
    if (typeof item !== 'string' || item.length < LONG_TEXT || !isPlainText(item)) return item;
    long += Buffer.byteLength(item);
    return '';
  };
  const json = JSON.stringify(value, holdsLongText(value) ? shorten : undefined) ?? '';
  return Buffer.byteLength(json) + long;
}

/** Characters from which on writing a text takes longer than looking at it. */
const LONG_TEXT = 4_096;
/** Values that are looked at for a long text; with many more, writing all of them is not dearer. */
const MOST_LOOKED_AT = 64;

function holdsLongText(value: unknown): boolean {
  const waiting: unknown[] = [value];
  for (let at = 0; at < waiting.length; at += 1) {
    const item = waiting[at];
    if (typeof item === 'string' && item.length >= LONG_TEXT) return true;
    if (typeof item !== 'object' || item === null || waiting.length > MOST_LOOKED_AT) continue;
    const held: unknown[] = Array.isArray(item) ? item : Object.values(item);
    waiting.push(...held.slice(0, MOST_LOOKED_AT));
  }
  return false;
}
