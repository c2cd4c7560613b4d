import { Ajv, type AsyncValidateFunction, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { findObject } from '../curation/schema-reference.ts';
import { decodeSegment, encodeSegment } from '../documents/json-pointer.ts';
import type { JsonObject } from '../documents/json.ts';
import { CheckBudget, CheckTooLong, countSteps, createBoundKeywords } from '../limits/check-budget.ts';
import { createLinearRegExps } from '../limits/linear-pattern.ts';
import { MAX_SCHEMA_PARTS, countSchemaParts, mayRepeat } from '../limits/schema-cost.ts';

/** Null when the arguments fit the schema, else one sentence saying what was expected. It repeats no argument value and no undeclared name. */
export type InputCheck = (args: Record<string, unknown>) => string | null;

const OPTIONS = {
  strict: false,
  logger: false,
  meta: false,
  validateSchema: false,
  validateFormats: false,
  ownProperties: true,
  verbose: true,
  // inlined, a definition would be compiled again for each place that uses it
  inlineRefs: false,
  // the budget of a check is the context of the compiled code
  passContext: true,
} satisfies Options;

type Dialect = typeof Ajv | typeof Ajv2019 | typeof Ajv2020;

function createCompiler(Dialect: Dialect, budget: CheckBudget, repeats: boolean): Ajv {
  const regExp = createLinearRegExps(budget);
  // the optimizer takes away what the steps are put before
  const ajv = new Dialect({ ...OPTIONS, code: repeats ? { regExp, optimize: false, process: countSteps } : { regExp } });
  for (const definition of createBoundKeywords(budget)) ajv.removeKeyword(String(definition.keyword)).addKeyword(definition);
  return ajv;
}

/**
 * Compiles the check of a tool's arguments; `declared` names the arguments where `inputSchema` spreads them over alternatives. Each schema has
 * a compiler of its own, which shares nothing and fetches nothing.
 * Throws when the schema cannot be compiled (an unresolvable `$ref`, for example) or has more than MAX_SCHEMA_PARTS parts.
 */
export function compileInputCheck(inputSchema: JsonObject, declared?: Iterable<string>): InputCheck {
  if (countSchemaParts(inputSchema) > MAX_SCHEMA_PARTS) throw new TypeError('The schema has too many parts');
  if (inputSchema['$async'] !== undefined) throw new TypeError('$async schemas are not JSON Schema');
  // the dialect picks the compiler; the identifiers themselves would only make ajv look for other documents
  const { $schema, $id: _id, ...schema } = inputSchema;
  const budget = new CheckBudget();
  const validate = compileFirst(chooseCompilers($schema, budget, mayRepeat(schema)), (ajv) => ajv.compile(schema));
  const check: InputCheck = (args) =>
    validate.call(budget, args) ? null : describeError(validate.errors?.[0], inputSchema, declared);
  return (args) => runBound(budget, () => check(args), TOO_LONG);
}

const TOO_LONG = 'The arguments hold more than can be checked against the schema of this tool. Send less at a time.';

/** Runs one check; `otherwise` when it would take too long. */
function runBound<T>(budget: CheckBudget, check: () => T, otherwise: T): T {
  budget.renew();
  try {
    return check();
  } catch (error) {
    if (error instanceof CheckTooLong) return otherwise;
    throw error;
  }
}

/** True when one of the sub-schemas, which stand in the compiled schema, accepts the value. */
export type PlaceCheck = (places: readonly unknown[], value: unknown) => boolean;

/** Compiles a check of single values against places inside a schema, references included. Throws as compileInputCheck does. */
export function compilePlaceCheck(inputSchema: JsonObject): PlaceCheck {
  const { $schema, $id: _id, ...schema } = inputSchema;
  const pointers = new Map(listPlaces(schema, ''));
  const budget = new CheckBudget();
  const accepts = (place: unknown, value: unknown): boolean => {
    if (typeof place === 'boolean') return place;
    const pointer = pointers.get(place);
    if (pointer === undefined) return false;
    const compilers = chooseCompilers($schema, budget, mayRepeat(schema));
    return compileFirst(compilers, (ajv) => ajv.addSchema(schema, 'tool').getSchema(`tool#${pointer}`)).call(budget, value);
  };
  return (places, value) => runBound(budget, () => places.some((place) => accepts(place, value)), false);
}

/** Every object inside a schema with its place as a URI fragment. */
function* listPlaces(value: unknown, pointer: string): Generator<[unknown, string]> {
  if (typeof value !== 'object' || value === null) return;
  yield [value, pointer];
  for (const [key, child] of Object.entries(value)) {
    yield* listPlaces(child, `${pointer}/${encodeURIComponent(encodeSegment(key))}`);
  }
}

/** MCP's default is 2020-12, but older servers write draft-07 without saying so. */
function chooseCompilers(dialect: unknown, budget: CheckBudget, repeats: boolean): (() => Ajv)[] {
  return listDialects(dialect).map((Dialect) => () => createCompiler(Dialect, budget, repeats));
}

function listDialects(dialect: unknown): Dialect[] {
  if (typeof dialect !== 'string') return [Ajv2020, Ajv];
  if (/draft-0[4-7]/.test(dialect)) return [Ajv];
  return [dialect.includes('2019-09') ? Ajv2019 : Ajv2020];
}

function compileFirst([compiler, ...others]: (() => Ajv)[], compile: (ajv: Ajv) => AnyValidate | undefined): ValidateFunction {
  if (!compiler) throw new TypeError('No compiler');
  try {
    const validate = compile(compiler());
    if (!validate || '$async' in validate) throw new TypeError('No such schema');
    return validate;
  } catch (error) {
    if (others.length === 0) throw error;
    return compileFirst(others, compile);
  }
}

type AnyValidate = ValidateFunction | AsyncValidateFunction;

function describeError(error: ErrorObject | undefined, schema: JsonObject, declared: Iterable<string> | undefined): string {
  if (!error) return 'The arguments do not fit the schema of this tool.';
  if (error.keyword === 'unevaluatedProperties' && error.instancePath === '' && declared)
    return `The arguments ${describeAllowedKeys(declared)}.`;
  const where = describePlace(error.instancePath, schema);
  return `${where} ${describeExpectation(error)}.`;
}

function describeExpectation(error: ErrorObject): string {
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case 'required':
      return `must have "${String(params['missingProperty'])}"`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return describeAllowedKeys(Object.keys(findObject(error.parentSchema, 'properties') ?? {}));
    case 'enum':
      return `must be one of ${JSON.stringify(params['allowedValues']).slice(0, 300)}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue']).slice(0, 300)}`;
    default:
      return error.message ?? 'does not fit the schema';
  }
}

/** What is said to a key that is not declared, whether it is unknown or hidden. */
export function describeAllowedKeys(names: Iterable<string>): string {
  const declared = [...names];
  return `must not have other keys than ${declared.length === 0 ? 'none' : declared.slice(0, 30).join(', ')}`;
}

/** The path to the wrong value as far as the schema declares it; what the caller invented is not repeated. */
function describePlace(instancePath: string, schema: JsonObject): string {
  const declared: string[] = [];
  let current: JsonObject | undefined = schema;
  for (const segment of instancePath.split('/').slice(1)) {
    const name = decodeSegment(segment);
    const property: JsonObject | undefined = findObject(findObject(current, 'properties'), name);
    const item: JsonObject | undefined = /^\d+$/.test(name) ? findObject(current, 'items') : undefined;
    if (!property && !item) return declared.length === 0 ? 'A value' : `A value inside "${declared.join('.')}"`;
    declared.push(name);
    current = property ?? item;
  }
  return declared.length === 0 ? 'The arguments' : `"${declared.join('.')}"`;
}
