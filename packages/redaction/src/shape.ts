import { isEnumerated, itemPlace, propertyPlace, schemaRoot, type SchemaPlace } from './schema-fields.ts';

export type ShapeType = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array' | 'undeclared';

/** What is known of one field without its value. The same structure as the wire's FieldShape. */
export interface FieldShape {
  /** JSON Pointer, '*' for every array item; '' for a value that is no object */
  pointer: string;
  type: ShapeType;
  /** characters, items or keys */
  size?: number;
  fingerprint?: string;
}

/** One field met on the walk. `value` is an undeclared key's name; it stays in the process. */
export interface Field {
  shape: FieldShape;
  value: unknown;
  /** the schema lists the values allowed here */
  enumerated: boolean;
}

const MAX_DEPTH = 16;
const MAX_KEY_LENGTH = 128;

/**
 * Walks a JSON value beside its schema and gives every declared field in document order. A key that the schema does not name is given as
 * `undeclared` at its parent's pointer, and what lies below it is not walked: its name and its content are the caller's.
 */
export function* walkFields(value: unknown, schema: unknown): Generator<Field, void> {
  yield* walk(value, schemaRoot(schema), '', 0);
}

/** Shapes of all fields, without fingerprints, `limit` at most. */
export function shapeOf(value: unknown, schema: unknown, limit = 256): FieldShape[] {
  const shapes: FieldShape[] = [];
  for (const { shape } of walkFields(value, schema)) {
    if (shapes.length === limit) break;
    shapes.push(shape);
  }
  return shapes;
}

function* walk(value: unknown, place: SchemaPlace, pointer: string, depth: number): Generator<Field, void> {
  const shape = shapeHere(value, pointer);
  // An object at the root is told by its keys.
  if (shape.type !== 'object' || pointer !== '') yield { shape, value, enumerated: isEnumerated(place) };
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (depth === MAX_DEPTH) return;
    for (const [index, item] of value.entries()) yield* walk(item, itemPlace(place, index), `${pointer}/*`, depth + 1);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const childPlace = isAddressable(key) && depth < MAX_DEPTH ? propertyPlace(place, key) : null;
    if (childPlace) yield* walk(child, childPlace, `${pointer}/${escapeKey(key)}`, depth + 1);
    else yield { shape: { pointer, type: 'undeclared' }, value: key, enumerated: false };
  }
}

function shapeHere(value: unknown, pointer: string): FieldShape {
  if (value === null || value === undefined) return { pointer, type: 'null' };
  if (Array.isArray(value)) return { pointer, type: 'array', size: value.length };
  switch (typeof value) {
    case 'string':
      return { pointer, type: 'string', size: value.length };
    case 'number':
    case 'bigint':
      return { pointer, type: 'number' };
    case 'boolean':
      return { pointer, type: 'boolean' };
    case 'object':
      return { pointer, type: 'object', size: Object.keys(value).length };
    default:
      throw new TypeError('Not a JSON value');
  }
}

function isAddressable(key: string): boolean {
  return key !== '' && key !== '*' && escapeKey(key).length <= MAX_KEY_LENGTH;
}

function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
