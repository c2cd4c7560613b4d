import { Ajv, type AsyncValidateFunction, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';

import type { JsonObject } from '../documents/json.ts';
import { CheckBudget, CheckTooLong, countSteps, createBoundKeywords } from '../limits/check-budget.ts';
import { createLinearRegExps } from '../limits/linear-pattern.ts';
import { MAX_SCHEMA_PARTS, countSchemaParts, mayRepeat } from '../limits/schema-cost.ts';
import { readSchema } from '../schema/read-schema.ts';
import { compileStandIns } from '../schema/stand-ins.ts';
import { describeRefusal, describeUnclear } from './describe-refusal.ts';
import { createExactKeywords, holdsExactNumber, StoodFor } from './exact-keywords.ts';

/** Null when the arguments fit the schema, else one sentence saying which argument does not, what was expected and what type came. It repeats no value. */
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

/** What one schema is compiled with. */
interface Form {
  budget: CheckBudget;
  /** sub-schemas may be asked several times in one check */
  repeats: boolean;
  /** it has numbers that no double keeps */
  stoodFor: StoodFor | null;
}

function readForm(schema: JsonObject, budget: CheckBudget): Form {
  return { budget, repeats: mayRepeat(schema), stoodFor: holdsExactNumber(schema) ? new StoodFor() : null };
}

function createCompiler(Dialect: Dialect, { budget, repeats, stoodFor }: Form): Ajv {
  const regExp = createLinearRegExps(budget);
  // the optimizer takes away what the steps are put before
  const ajv = new Dialect({ ...OPTIONS, code: repeats ? { regExp, optimize: false, process: countSteps } : { regExp } });
  const keywords = [...createBoundKeywords(budget), ...(stoodFor ? createExactKeywords(budget, stoodFor) : [])];
  for (const definition of keywords) ajv.removeKeyword(String(definition.keyword)).addKeyword(definition);
  return ajv;
}

/**
 * Compiles the check of a tool's arguments; `declared` names the arguments where `inputSchema` spreads them over alternatives. The schema is read leniently
 * (schema/read-schema.ts). Each has a compiler of its own, which shares nothing and fetches nothing.
 * Throws when the schema cannot be compiled (an unresolvable `$ref`, for example) or has more than MAX_SCHEMA_PARTS parts.
 */
export function compileInputCheck(inputSchema: JsonObject, declared?: Iterable<string>): InputCheck {
  const { schema, refused } = readSchema(inputSchema);
  if (refused[0]) throw new TypeError(refused[0].reason);
  if (countSchemaParts(schema) > MAX_SCHEMA_PARTS) throw new TypeError('The schema has too many parts');
  const budget = new CheckBudget();
  // the dialect picks the compiler; the identifiers themselves would only make ajv look for other documents
  const form = readForm(schema, budget);
  const compilers = chooseCompilers(inputSchema['$schema'], form);
  const validate = compileFirst(compilers, (ajv) => ajv.compile(schema));
  const standIn = compileStandIns(schema);
  const check: InputCheck = (args) => {
    const checked = standIn(args);
    if ('unclear' in checked) return describeUnclear(checked.unclear);
    form.stoodFor?.set(checked.exact);
    return validate.call(budget, checked.args) ? null : describeRefusal(validate.errors ?? [], declared);
  };
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
  const { schema, pointers } = readSchema(inputSchema);
  const budget = new CheckBudget();
  const accepts = (place: unknown, value: unknown): boolean => {
    if (typeof place !== 'object' || place === null) return place !== false;
    const pointer = pointers.get(place);
    if (pointer === undefined) return false;
    const compilers = chooseCompilers(inputSchema['$schema'], readForm(schema, budget));
    const fragment = pointer.split('/').map(encodeURIComponent).join('/');
    return compileFirst(compilers, (ajv) => ajv.addSchema(schema, 'tool').getSchema(`tool#${fragment}`)).call(budget, value);
  };
  return (places, value) => runBound(budget, () => places.some((place) => accepts(place, value)), false);
}

/** MCP's default is 2020-12, but older servers write draft-07 without saying so. */
function chooseCompilers(dialect: unknown, form: Form): (() => Ajv)[] {
  return listDialects(dialect).map((Dialect) => () => createCompiler(Dialect, form));
}

function listDialects(dialect: unknown): Dialect[] {
  // a schema may have the form of another dialect than it says
  if (typeof dialect !== 'string') return [Ajv2020, Ajv];
  if (/draft-0[3-7]/.test(dialect)) return [Ajv];
  return [dialect.includes('2019-09') ? Ajv2019 : Ajv2020, Ajv];
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
