import { compileCallCheck } from '../compile/call-check.ts';
import { compilePlaceCheck, type PlaceCheck } from '../compile/input-check.ts';
import type { ArgumentRule } from '../documents/profile.ts';
import { SchemaTooComplex } from '../limits/schema-too-complex.ts';
import { withPlainReferences } from '../schema/plain-references.ts';
import { parsePointer, describeArgument } from './argument-path.ts';
import { curate, type Curation, type InputSchema } from './curate-schema.ts';

/**
 * Why the argument rules of a tool cannot be saved, one sentence for each problem; empty when they can. The schema must have passed
 * checkEntry. A server that changes the tool later does not come through here: its tool is off until it is approved again.
 */
export function listArgumentRuleProblems(given: InputSchema, rules: readonly ArgumentRule[]): string[] {
  if (rules.length === 0) return [];
  const inputSchema = withPlainReferences(given);
  try {
    const curation = curate(inputSchema, rules);
    const accepts = compilePlaceCheck(inputSchema);
    const problems = rules.flatMap((rule) => findRuleProblem(rule, rules, curation, accepts) ?? []);
    if (problems.length > 0) return problems;
  } catch (error) {
    if (error instanceof SchemaTooComplex) return [error.message];
    throw error;
  }
  try {
    compileCallCheck(inputSchema, rules);
    return [];
  } catch {
    return ['Another part of the schema refers to an argument that these rules hide. Leave it visible.'];
  }
}

function findRuleProblem(
  rule: ArgumentRule,
  rules: readonly ArgumentRule[],
  curation: Curation,
  accepts: PlaceCheck,
): string | null {
  const name = `"${describeArgument(rule.argument)}"`;
  if (rules.some((other) => other !== rule && other.argument === rule.argument))
    return `${name} has two rules. Keep one of them.`;
  const outer = rules.find((other) => other !== rule && other.kind !== 'restrict' && isInside(rule, other));
  if (outer)
    return `${name} is inside "${describeArgument(outer.argument)}", which is hidden already. Remove one of the two rules.`;
  if (curation.unrestrictable.has(rule)) return `The values of ${name} cannot be restricted: it does not take single values.`;
  const places = curation.declared.get(rule) ?? [];
  if (places.length === 0) return `${name} is not an argument of this tool.`;
  if (curation.required.has(rule)) return `${name} is required. Pin a value instead of hiding it.`;
  if (curation.conditional.has(rule)) return `${name} decides which other arguments are needed, so it cannot be hidden.`;
  const rounded = findRounded(rule.kind === 'pin' ? rule.value : rule.kind === 'restrict' ? rule.values : null);
  if (rounded !== null) return `${name} cannot be given ${rounded}: ${ROUNDED}`;
  switch (rule.kind) {
    case 'hide':
      return null;
    case 'pin':
      return accepts(places, rule.value) ? null : `The value pinned for ${name} is not one that this tool accepts.`;
    case 'restrict': {
      const wrong = rule.values.find((value) => !accepts(places, value));
      return wrong === undefined
        ? null
        : `${name} cannot be restricted to ${JSON.stringify(wrong)}: this tool does not accept that value.`;
    }
  }
}

const ROUNDED =
  'whole numbers beyond 9007199254740991 and fractions of more than 15 digits lose digits on their way here, and would be compared with or sent as another number. Enter it as text if the tool takes text.';

/** Digits of which a double keeps every fraction. */
const KEPT_DIGITS = 15;

/** A number that may have been another one before it was read as a double; null when there is none. */
function findRounded(value: unknown): number | null {
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return Number.isSafeInteger(value) ? null : value;
    const [digits = ''] = String(value).split('e');
    return digits
      .replace(/^-?0?\./, '')
      .replaceAll(/\D/g, '')
      .replace(/^0+/, '').length > KEPT_DIGITS
      ? value
      : null;
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const item of Object.values(value)) {
    const found = findRounded(item);
    if (found !== null) return found;
  }
  return null;
}

function isInside(inner: ArgumentRule, outer: ArgumentRule): boolean {
  const path = parsePointer(outer.argument);
  const own = parsePointer(inner.argument);
  return own.length > path.length && path.every((segment, index) => segment === own[index]);
}
