import { hasKeyAt, hasRivalAt, parsePointer, describeArgument, listValuesAt, withValueAt } from '../curation/argument-path.ts';
import { curate, type InputSchema } from '../curation/curate-schema.ts';
import { findObject } from '../curation/schema-reference.ts';
import type { JsonObject } from '../documents/json.ts';
import type { ArgumentRule } from '../documents/profile.ts';
import type { RestOperation } from '../documents/rest-operation.ts';
import { readDeclaredArguments, type DeclaredArguments } from './declared-arguments.ts';
import { listDeclaredNames } from './declared-names.ts';
import { compileDoubleCheck } from './double-check.ts';
import { compileInputCheck, describeAllowedKeys, type InputCheck } from './input-check.ts';

/** The arguments to be sent, or one sentence saying what was expected. It repeats no value, no undeclared name and no hidden one. */
export type CallCheck = (args: JsonObject) => { ok: true; arguments: JsonObject } | { ok: false; problem: string };

const CONTRADICTION =
  'Together with the values that this profile sets, the arguments do not fit this tool. Ask the owner of the profile.';

/**
 * Compiles the whole check of a call's arguments: against the advertised schema, without undeclared and hidden ones; then pinned values are
 * added, and the result is checked against the server's own schema. `operation` is that of a tool of a REST API.
 * Throws when a schema cannot be compiled.
 */
export function compileCallCheck(
  inputSchema: InputSchema,
  rules: readonly ArgumentRule[],
  operation: RestOperation | null = null,
): CallCheck {
  const { schema: advertised, inList } = curate(inputSchema, rules);
  const declared = readDeclaredArguments(advertised);
  const checkAdvertised = compileInputCheck(closeSchema(advertised, declared), declared.names);
  if (rules.length === 0) {
    return (args) => {
      const problem = findUnknownArgumentProblem(declared, args) ?? checkAdvertised(args);
      return problem === null ? { ok: true, arguments: args } : { ok: false, problem };
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
    return { ok: true, arguments: sent };
  };
}

/** Where the dialect knows `unevaluatedProperties`, an argument of an alternative is accepted only together with that alternative. */
function closeSchema(schema: InputSchema, { open, composed }: DeclaredArguments): InputSchema {
  return open || !composed || Object.hasOwn(schema, 'unevaluatedProperties')
    ? schema
    : { ...schema, unevaluatedProperties: false };
}

function findUnknownArgumentProblem({ names, open }: DeclaredArguments, args: JsonObject): string | null {
  return open || Object.keys(args).every((name) => names.has(name)) ? null : `The arguments ${describeAllowedKeys(names)}.`;
}

/**
 * Checks one rule on the arguments themselves, because a schema with alternatives could let through what the rule forbids, and an open one a
 * second name that the server reads as the one of the rule.
 */
function compileRuleCheck(rule: ArgumentRule, advertised: InputSchema): InputCheck {
  const path = parsePointer(rule.argument);
  const known = path.map((_name, depth) => new Set(listNamesAt(advertised, path.slice(0, depth))));
  const hasRival = (args: JsonObject): boolean => hasRivalAt(args, path, known);
  if (rule.kind === 'restrict') {
    const values: readonly unknown[] = rule.values;
    const problem = `"${describeArgument(rule.argument)}" must be one of ${JSON.stringify(values).slice(0, 300)}.`;
    const isListed = (value: unknown): boolean => values.includes(value);
    return (args) => (!hasRival(args) && [...listValuesAt(args, path)].every(isListed) ? null : problem);
  }
  const parent = path.slice(0, -1);
  const where = parent.length === 0 ? 'The arguments' : `"${parent.join('.')}"`;
  const problem = `${where} ${describeAllowedKeys(listNamesAt(advertised, parent))}.`;
  return (args) => (hasKeyAt(args, path) || hasRival(args) ? problem : null);
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
  return place ? readDeclaredArguments(place).names : [];
}
