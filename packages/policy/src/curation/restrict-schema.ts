import { isJsonObject, type JsonObject } from '../documents/json.ts';
import { SchemaTooComplex } from '../limits/schema-too-complex.ts';

/** Writes a reference out when `change` changes what it refers to. */
type Write = (node: JsonObject, change: (target: unknown) => unknown) => JsonObject;

export interface Restricted {
  schema: unknown;
  /** the sub-schemas whose values are restricted, as the server wrote them */
  places: unknown[];
  /** false when some values could not be restricted */
  complete: boolean;
}

const MAX_DEPTH = 32;
/** Sub-schemas looked at for one argument. */
const MAX_STEPS = 2_000;

/** A schema of a single value that accepts only `values`; of a list, one whose items are restricted. Throws SchemaTooComplex. */
export function restrictSchema(node: unknown, values: readonly unknown[], write: Write): Restricted {
  const places: unknown[] = [];
  let complete = true;
  let steps = 0;

  function restrict(part: unknown, depth: number): unknown {
    if ((steps += 1) > MAX_STEPS) throw new SchemaTooComplex();
    if (depth > MAX_DEPTH || part === false) {
      complete = false;
      return part;
    }
    if (!isJsonObject(part)) {
      places.push(part);
      return { enum: [...values] };
    }
    if (typeof part['$ref'] === 'string')
      return write(part, (target) => (target === undefined ? target : restrict(target, depth + 1)));
    if (isList(part)) return restrictItems(part, depth);
    const key = ['anyOf', 'oneOf', 'allOf'].find((name) => holdsList(part[name]));
    if (key !== undefined && Array.isArray(part[key])) {
      const branches: unknown[] = part[key];
      return { ...part, [key]: branches.map((branch) => restrict(branch, depth + 1)) };
    }
    places.push(part);
    return withEnum(part);
  }

  function restrictItems(part: JsonObject, depth: number): JsonObject {
    const { items } = part;
    const onlyLists = part['type'] === 'array' || part['type'] === undefined;
    if (!onlyLists || Array.isArray(items) || Object.hasOwn(part, 'prefixItems') || items === undefined) complete = false;
    const { default: _default, examples: _examples, ...rest } = part;
    return { ...rest, items: restrict(items ?? true, depth + 1) };
  }

  function withEnum(part: JsonObject): JsonObject {
    const { default: preset, examples: _examples, const: _const, ...rest } = part;
    const kept = values.includes(preset) ? { default: preset } : {};
    return { ...rest, ...kept, enum: [...values] };
  }

  const schema = restrict(node, 0);
  return { schema, places, complete };
}

function isList(part: JsonObject): boolean {
  return [part['type']].flat().includes('array') || Object.hasOwn(part, 'items') || Object.hasOwn(part, 'prefixItems');
}

function holdsList(branches: unknown): boolean {
  return Array.isArray(branches) && branches.some((branch) => isJsonObject(branch) && isList(branch));
}
