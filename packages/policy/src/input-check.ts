import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { isJsonObject, type JsonObject } from './json.ts';
import { linearRegExp } from './linear-pattern.ts';

/** Null when the arguments fit the schema, else one sentence saying what was expected. It repeats no argument value and no undeclared name. */
export type InputCheck = (args: Record<string, unknown>) => string | null;

const OPTIONS: Options = {
  strict: false,
  logger: false,
  meta: false,
  validateSchema: false,
  validateFormats: false,
  ownProperties: true,
  verbose: true,
  code: { regExp: linearRegExp, optimize: false },
};

/**
 * Compiles the check of a tool's arguments. A fresh compiler per schema: nothing is shared between tools, nothing is ever fetched.
 * Throws when the schema cannot be compiled (an unresolvable `$ref`, for example).
 */
export function compileInputCheck(inputSchema: JsonObject): InputCheck {
  if (inputSchema['$async'] !== undefined) throw new TypeError('$async schemas are not JSON Schema');
  // the dialect picks the compiler; the identifiers themselves would only make ajv look for other documents
  const { $schema, $id: _id, ...schema } = inputSchema;
  const validate = compileFirst(compilersFor($schema), schema);
  return (args) => (validate(args) ? null : describe(validate.errors?.[0], inputSchema));
}

/** MCP's default is 2020-12, but older servers write draft-07 without saying so. */
function compilersFor(dialect: unknown): (() => Ajv)[] {
  if (typeof dialect !== 'string') return [() => new Ajv2020(OPTIONS), () => new Ajv(OPTIONS)];
  if (/draft-0[4-7]/.test(dialect)) return [() => new Ajv(OPTIONS)];
  return dialect.includes('2019-09') ? [() => new Ajv2019(OPTIONS)] : [() => new Ajv2020(OPTIONS)];
}

function compileFirst([compiler, ...others]: (() => Ajv)[], schema: JsonObject): ValidateFunction {
  if (!compiler) throw new TypeError('No compiler');
  try {
    return compiler().compile(schema);
  } catch (error) {
    if (others.length === 0) throw error;
    return compileFirst(others, schema);
  }
}

function describe(error: ErrorObject | undefined, schema: JsonObject): string {
  if (!error) return 'The arguments do not fit the schema of this tool.';
  const where = declaredPlace(error.instancePath, schema);
  return `${where} ${expectation(error)}.`;
}

function expectation(error: ErrorObject): string {
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case 'required':
      return `must have "${String(params['missingProperty'])}"`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `must not have other keys than ${declaredKeys(error)}`;
    case 'enum':
      return `must be one of ${JSON.stringify(params['allowedValues']).slice(0, 300)}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue']).slice(0, 300)}`;
    default:
      return error.message ?? 'does not fit the schema';
  }
}

function declaredKeys(error: ErrorObject): string {
  const declared = Object.keys(member(error.parentSchema, 'properties') ?? {});
  return declared.length === 0 ? 'none' : declared.slice(0, 30).join(', ');
}

/** The path to the wrong value as far as the schema declares it; what the caller invented is not repeated. */
function declaredPlace(instancePath: string, schema: JsonObject): string {
  const declared: string[] = [];
  let current: JsonObject | undefined = schema;
  for (const segment of instancePath.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    const property: JsonObject | undefined = member(member(current, 'properties'), name);
    const item: JsonObject | undefined = /^\d+$/.test(name) ? member(current, 'items') : undefined;
    if (!property && !item) return declared.length === 0 ? 'A value' : `A value inside "${declared.join('.')}"`;
    declared.push(name);
    current = property ?? item;
  }
  return declared.length === 0 ? 'The arguments' : `"${declared.join('.')}"`;
}

function member(value: unknown, key: string): JsonObject | undefined {
  const found = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return isJsonObject(found) ? found : undefined;
}
