import { decodeSegment, encodeSegment } from '@gatehouse/policy/documents/json-pointer';
import { withPlainReferences } from '@gatehouse/policy/schema/plain-references';
import { getItemPlace, findPropertyPlace, getSchemaRoot, type SchemaPlace } from '@gatehouse/redaction/schema-fields';
import { isAddressable } from '@gatehouse/redaction/shape';

/** A JSON Schema object. Untrusted: it comes from the upstream server. */
export type JsonSchema = Record<string, unknown>;

export interface SchemaField {
  /** JSON Pointer (RFC 6901); `*` stands for every array item */
  pointer: string;
  /** last property name on the way */
  name: string;
  /** everything that the schema says about the value: references followed, alternatives spread */
  parts: readonly JsonSchema[];
}

const MAX_FIELDS = 256;
const MAX_DEPTH = 8;
/** places looked at: a schema may refer to itself everywhere */
const MAX_PLACES = 4_000;
/** past every position of a tuple */
const ANY_ITEM = Number.MAX_SAFE_INTEGER;

/** The single-value fields that a schema declares, in the order of declaration; at most 256, eight levels deep. */
export function listScalarFields(schema: JsonSchema): SchemaField[] {
  const found = new Map<string, SchemaField>();
  let places = 0;
  const walk = (place: SchemaPlace, pointer: string, name: string, depth: number): void => {
    places += 1;
    if (pointer !== '' && isScalar(place) && found.size < MAX_FIELDS) found.set(pointer, { pointer, name, parts: place.parts });
    if (depth === MAX_DEPTH) return;
    for (const segment of listSegments(place)) {
      const child = places < MAX_PLACES ? findChildPlace(place, segment) : null;
      if (child) walk(child, `${pointer}/${segment}`, segment === '*' ? name : segment, depth + 1);
    }
  };
  walk(getSchemaRoot(withPlainReferences(schema)), '', '', 0);
  return [...found.values()];
}

/** True when the schema declares a single-value field at this pointer. */
export function hasScalarField(schema: JsonSchema, pointer: string): boolean {
  let place: SchemaPlace | null = getSchemaRoot(withPlainReferences(schema));
  for (const segment of pointer.split('/').slice(1)) place &&= findChildPlace(place, segment);
  return pointer !== '' && place !== null && isScalar(place);
}

function isScalar({ parts }: SchemaPlace): boolean {
  return parts.some((part) => {
    const types = [part['type']].flat();
    if (types.some((type) => type === 'string' || type === 'number' || type === 'integer' || type === 'boolean')) return true;
    return Array.isArray(part['enum']) || Object.hasOwn(part, 'const');
  });
}

function findChildPlace(place: SchemaPlace, segment: string): SchemaPlace | null {
  if (segment === '*') return getItemPlace(place, ANY_ITEM);
  return findPropertyPlace(place, decodeSegment(segment));
}

function listSegments({ parts }: SchemaPlace): Set<string> {
  const names = parts.flatMap(({ properties }) =>
    typeof properties === 'object' && properties !== null ? Object.keys(properties) : [],
  );
  const segments = names.filter(isAddressable).map(encodeSegment);
  const hasItems = parts.some((part) => Object.hasOwn(part, 'items'));
  return new Set(hasItems ? [...segments, '*'] : segments);
}
