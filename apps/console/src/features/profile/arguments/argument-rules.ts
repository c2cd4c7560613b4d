import { z } from 'zod';

import { describeArgument } from '@gatehouse/policy/curation/argument-path';
import { curate, type InputSchema } from '@gatehouse/policy/curation/curate-schema';
import type { ArgumentRule } from '@gatehouse/policy/documents/profile';
import { SchemaTooComplex } from '@gatehouse/policy/limits/schema-too-complex';

import { type ArgumentNode, walkArguments, type Scalar } from './argument-tree.ts';

/** What the profile makes of one argument. */
export type RuleKind = 'as_is' | ArgumentRule['kind'];

const isInside = (pointer: string, outer: string): boolean => pointer.startsWith(`${outer}/`);

export function findRule(rules: readonly ArgumentRule[], pointer: string): ArgumentRule | null {
  return rules.find(({ argument }) => argument === pointer) ?? null;
}

/** The rule that hides an object in which this argument stands. */
export function findHidingRule(rules: readonly ArgumentRule[], pointer: string): ArgumentRule | null {
  return rules.find((rule) => rule.kind !== 'restrict' && isInside(pointer, rule.argument)) ?? null;
}

/** Sets the rule of its argument. Hiding an object takes the rules inside it away: nothing of it comes from a client any more. */
export function withRule(rules: readonly ArgumentRule[], rule: ArgumentRule): ArgumentRule[] {
  const covered = (other: ArgumentRule): boolean => rule.kind !== 'restrict' && isInside(other.argument, rule.argument);
  const kept = rules.filter((other) => !covered(other));
  const at = kept.findIndex(({ argument }) => argument === rule.argument);
  return at === -1 ? [...kept, rule] : kept.with(at, rule);
}

export function withoutRule(rules: readonly ArgumentRule[], pointer: string): ArgumentRule[] {
  return rules.filter(({ argument }) => argument !== pointer);
}

/** A rule of this kind to start from; null when a person has to enter a value first. */
export function createStartingRule(kind: RuleKind, { pointer: argument, valueKind, options }: ArgumentNode): ArgumentRule | null {
  switch (kind) {
    case 'as_is':
      return null;
    case 'hide':
      return { kind, argument };
    case 'pin': {
      const [first] = options;
      if (valueKind === 'choice' && first !== undefined) return { kind, argument, value: first };
      return valueKind === 'boolean' ? { kind, argument, value: false } : null;
    }
    case 'restrict':
      return null;
  }
}

export interface RuleProblem {
  /** pointer of the argument; null: the tool as a whole */
  argument: string | null;
  code: 'not_an_argument' | 'required' | 'conditional' | 'not_restrictable' | 'too_complex';
  /** one sentence that says what to do */
  text: string;
}

/**
 * What the rules meet in the server's own schema, as it is now. A rule whose argument was renamed or removed is reported and stays.
 * Values are checked when the draft is saved.
 */
export function findRuleProblems(schema: InputSchema, rules: readonly ArgumentRule[]): RuleProblem[] {
  if (rules.length === 0) return [];
  try {
    const met = curate(schema, rules);
    return rules.flatMap((rule): RuleProblem[] => {
      const { argument } = rule;
      const name = describeArgument(argument);
      if (met.unrestrictable.has(rule)) {
        return [
          {
            argument,
            code: 'not_restrictable',
            text: `The values of ${name} cannot be limited: it does not take single values.`,
          },
        ];
      }
      if (!met.declared.has(rule) && findHidingRule(rules, argument) === null) {
        const text = `The server has no argument ${name} any more. It was renamed or removed: set the new one, then remove this override.`;
        return [{ argument, code: 'not_an_argument', text }];
      }
      if (met.required.has(rule)) {
        return [{ argument, code: 'required', text: `${name} is required. Pin a value instead of hiding it.` }];
      }
      if (met.conditional.has(rule)) {
        return [
          { argument, code: 'conditional', text: `${name} decides which other arguments are needed, so it cannot be hidden.` },
        ];
      }
      return [];
    });
  } catch (error) {
    if (!(error instanceof SchemaTooComplex)) throw error;
    return [{ argument: null, code: 'too_complex', text: error.message }];
  }
}

/** Rules on arguments that the server does not declare any more: kept, and shown beside the tree. */
export function findLostRules(tree: readonly ArgumentNode[], rules: readonly ArgumentRule[]): ArgumentRule[] {
  const declared = new Set([...walkArguments(tree)].map(({ pointer }) => pointer));
  return rules.filter(({ argument }) => !declared.has(argument));
}

/** "pinned to 200": a rule in words. */
export function describeRule(rule: ArgumentRule): string {
  switch (rule.kind) {
    case 'hide':
      return 'hidden';
    case 'pin':
      return `pinned to ${JSON.stringify(rule.value)}`;
    case 'restrict':
      return `limited to ${rule.values.map((value) => JSON.stringify(value)).join(', ')}`;
  }
}

const Json = z.json();
export type JsonValue = z.infer<typeof Json>;

export type Entered<T> = { ok: true; value: T } | { ok: false; problem: string };

/** What was typed for an argument, as a value of its type. */
export function parseValue(
  text: string,
  { valueKind, integer }: Pick<ArgumentNode, 'valueKind' | 'integer'>,
): Entered<JsonValue> {
  if (valueKind === 'string') return { ok: true, value: text };
  if (valueKind === 'number') {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) return { ok: false, problem: 'Enter a number.' };
    return integer && !Number.isInteger(value) ? { ok: false, problem: 'Enter a whole number.' } : { ok: true, value };
  }
  try {
    return { ok: true, value: Json.parse(JSON.parse(text)) };
  } catch {
    return { ok: false, problem: 'Not JSON yet. A text stands in double quotes: "eu".' };
  }
}

/** A value as it is typed; the reverse of `parseValue`. */
export function formatValue(value: unknown, { valueKind }: Pick<ArgumentNode, 'valueKind'>): string {
  if (valueKind === 'string' && typeof value === 'string') return value;
  if (valueKind === 'number' && typeof value === 'number') return String(value);
  return JSON.stringify(value, null, 2);
}

/** One value of a limited argument: by the type that the schema asks for, text when it does not say. */
export function parseScalar(text: string, type: string): Entered<Scalar> {
  const wanted = type.replace(/^list of /, '').split(' or ');
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, problem: 'Enter a value.' };
  const numeric = wanted.includes('number') || wanted.includes('integer');
  if (numeric && trimmed !== '' && Number.isFinite(Number(trimmed))) return { ok: true, value: Number(trimmed) };
  if (wanted.includes('boolean') && (trimmed === 'true' || trimmed === 'false')) return { ok: true, value: trimmed === 'true' };
  if (wanted.includes('null') && trimmed === 'null') return { ok: true, value: null };
  if (wanted.includes('string') || wanted.includes('anything')) return { ok: true, value: text };
  return { ok: false, problem: numeric ? 'Enter a number.' : 'Enter true or false.' };
}
