import { hasKeyAt, findRivalAt, parsePointer, describeArgument, listValuesAt, withValueAt } from '../curation/argument-path.ts';
import { curate, type Curation, type InputSchema } from '../curation/curate-schema.ts';
import { findObject } from '../curation/schema-reference.ts';
import type { ArgumentChanges } from '../documents/argument-changes.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';
import { type ArgumentRule, type ArgumentSettings, getArgumentSettings } from '../documents/profile.ts';
import type { RestOperation } from '../documents/rest-operation.ts';
import { compileNormalizer, type Normalizer } from '../schema/normalize-arguments.ts';
import { withPlainReferences } from '../schema/plain-references.ts';
import { readSchema } from '../schema/read-schema.ts';
import { readDeclaredArguments, type DeclaredArguments } from './declared-arguments.ts';
import { listDeclaredNames } from './declared-names.ts';
import { describeCame, describeUndeclared } from './describe-refusal.ts';
import { compileDoubleCheck } from './double-check.ts';
import { compileInputCheck, type InputCheck } from './input-check.ts';

/** Characters of the values that a refusal lists. */
const MOST_VALUES = 300;

/** What a call's arguments come to. */
export type CheckedArguments =
  | {
      ok: true;
      /** to be sent: pinned values added */
      arguments: JsonObject;
      /** what the caller gave, in the form that was judged */
      given: JsonObject;
      /** what that form differs in from what came; null: nothing */
      changes: ArgumentChanges | null;
    }
  /** one sentence: which argument is not taken, what is expected and what type came. It repeats no value and names nothing that is hidden */
  | { ok: false; problem: string };

export type CallCheck = (args: JsonObject) => CheckedArguments;

export interface CallCheckOptions {
  /** of a tool of a REST API */
  operation?: RestOperation | null;
  settings?: ArgumentSettings;
}

const CONTRADICTION =
  'Together with the values that this profile sets, the arguments do not fit this tool. Ask the owner of the profile.';

/**
 * Compiles the whole check of a call's arguments: against the advertised schema, without undeclared and hidden ones; then pinned values are
 * added, and the result is checked against the server's own schema. Arguments that fit are sent as they came. Others are brought into the form that the tool
 * takes, as far as the profile allows, and judged anew from the start: what passes is what was judged.
 * Throws when a schema cannot be compiled.
 */
export function compileCallCheck(
  given: InputSchema,
  rules: readonly ArgumentRule[],
  { operation = null, settings = getArgumentSettings({}) }: CallCheckOptions = {},
): CallCheck {
  const inputSchema = withPlainReferences(given);
  const { schema: advertised, inList } = curate(inputSchema, rules);
  // an operation has no place for an argument that it does not declare
  const passes = settings.undeclaredArguments === 'pass' && operation === null;
  const judge = compileJudgement(inputSchema, { rules, advertised, inList, operation, passes });
  if (settings.argumentForms === 'strict') return judge;
  let normalize: Normalizer | undefined;
  return (args) => {
    const asItCame = judge(args);
    if (asItCame.ok) return asItCame;
    normalize ??= compileNormalizer(readSchema(advertised).schema, settings.argumentForms === 'complete');
    const normalized = normalize(args);
    if (normalized === null) return asItCame;
    const judged = judge(normalized.arguments);
    return judged.ok ? { ...judged, changes: normalized.changes } : judged;
  };
}

interface Judgement extends Pick<Curation, 'inList'> {
  rules: readonly ArgumentRule[];
  advertised: InputSchema;
  operation: RestOperation | null;
  /** undeclared arguments are sent where the schema takes them */
  passes: boolean;
}

function compileJudgement(inputSchema: InputSchema, { rules, advertised, inList, operation, passes }: Judgement): CallCheck {
  const found = readDeclaredArguments(advertised);
  const declared = { ...found, open: found.open || passes };
  const checkAdvertised = compileInputCheck(closeSchema(advertised, declared), declared.names);
  const accept = (args: JsonObject, given: JsonObject): CheckedArguments => ({ ok: true, arguments: args, given, changes: null });
  if (rules.length === 0) {
    return (args) => {
      const problem = findUnknownArgumentProblem(declared, args) ?? checkAdvertised(args);
      return problem === null ? accept(args, args) : { ok: false, problem };
    };
  }
  const checkOwn = compileInputCheck(inputSchema);
  const enforce = rules.map((rule) => compileRuleCheck(rule, advertised));
  if (operation) enforce.push(compileDoubleCheck(listDeclaredNames(operation, inputSchema), rules, operation.body?.kind));
  const pins = rules
    .filter((rule) => rule.kind === 'pin')
    .map((rule) => ({ path: parsePointer(rule.argument), value: rule.value, create: !inList.has(rule) }));

  return (args) => {
    const problem = findUnknownArgumentProblem(declared, args) ?? findFirstProblem(enforce, args) ?? checkAdvertised(args);
    if (problem !== null) return { ok: false, problem };
    let sent: JsonObject | undefined = args;
    for (const { path, value, create } of pins) sent &&= withValueAt(sent, path, value, create);
    if (sent === undefined || checkOwn(sent) !== null) return { ok: false, problem: CONTRADICTION };
    return accept(sent, args);
  };
}

/** Where the dialect knows `unevaluatedProperties`, an argument of an alternative is accepted only together with that alternative. */
function closeSchema(schema: InputSchema, { bare, open, composed }: DeclaredArguments): InputSchema {
  if (open || !composed || Object.hasOwn(schema, 'unevaluatedProperties')) return schema;
  // what only has to come is evaluated nowhere
  const properties = { ...Object.fromEntries(Array.from(bare, (name) => [name, {}])), ...findObject(schema, 'properties') };
  return { ...schema, ...(bare.size > 0 && { properties }), unevaluatedProperties: false };
}

function findUnknownArgumentProblem({ names, open }: DeclaredArguments, args: JsonObject): string | null {
  const unknown = open ? [] : Object.keys(args).filter((key) => !names.has(key));
  return unknown.length === 0 ? null : describeUndeclared([], unknown, names);
}

/**
 * Checks one rule on the arguments themselves, because a schema with alternatives could let through what the rule forbids, and an open one a
 * second name that the server reads as the one of the rule.
 */
function compileRuleCheck(rule: ArgumentRule, advertised: InputSchema): InputCheck {
  const path = parsePointer(rule.argument);
  const known = path.map((_name, depth) => new Set(listNamesAt(advertised, path.slice(0, depth))));
  const describeKey = (key: readonly string[]): string =>
    describeUndeclared(key.slice(0, -1), key.slice(-1), listNamesAt(advertised, key.slice(0, -1)));
  const findRivalProblem = (args: JsonObject): string | null => {
    const rival = findRivalAt(args, path, known);
    return rival ? describeKey(rival) : null;
  };
  if (rule.kind === 'restrict') {
    const values: readonly unknown[] = rule.values;
    const allowed = `"${describeArgument(rule.argument)}" must be one of ${shortenValues(values)}`;
    return (args) => {
      const closed = findClosedProblem(args, path);
      if (closed !== null) return closed;
      const other = [...listValuesAt(args, path)].filter((value) => !values.includes(value));
      return other.length === 0 ? findRivalProblem(args) : `${allowed}; ${describeCame(other[0])} came.`;
    };
  }
  return (args) => findClosedProblem(args, path) ?? (hasKeyAt(args, path) ? describeKey(path) : findRivalProblem(args));
}

/** A text where a rule is about something inside: the server may read it as JSON, and find there what the rule does not see. */
function findClosedProblem(value: unknown, path: readonly string[], at: readonly string[] = []): string | null {
  if (path.length === 0) return null;
  if (typeof value === 'string') return `"${at.join('.')}" must be an object; ${describeCame(value)} came.`;
  if (Array.isArray(value)) return value.map((item) => findClosedProblem(item, path, at)).find((found) => found !== null) ?? null;
  const [name = '', ...rest] = path;
  return isJsonObject(value) && Object.hasOwn(value, name) ? findClosedProblem(value[name], rest, [...at, name]) : null;
}

function findFirstProblem(checks: readonly InputCheck[], args: JsonObject): string | null {
  for (const check of checks) {
    const problem = check(args);
    if (problem !== null) return problem;
  }
  return null;
}

function listNamesAt(schema: JsonObject, path: readonly string[]): Iterable<string> {
  const place = path.reduce((current: JsonObject | undefined, name) => {
    const property = findObject(findObject(current, 'properties'), name);
    return findObject(property, 'items') ?? property;
  }, schema);
  return place ? readDeclaredArguments(schema, place).names : [];
}

/** The values as JSON, or as much of them as is read. */
function shortenValues(values: readonly unknown[]): string {
  const text = JSON.stringify(values);
  return text.length <= MOST_VALUES ? text : `${text.slice(0, MOST_VALUES).toWellFormed()}… (${values.length} values)`;
}
